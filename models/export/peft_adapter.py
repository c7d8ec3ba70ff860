"""A LoRA adapter as peft saves it -> its row of the bank. Needs the `train` extra (safetensors)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from models.export.config import UnsupportedModelError
from models.json_file import read_json
from models.model_folder.adapters import PARTS, entry, sizes
from models.model_folder.spec import ModelSpec

_PREFIX = "base_model.model.model.layers."


def _config(folder: Path) -> dict[str, Any]:
    """adapter_config.json, when it says nothing that the bank cannot."""
    try:
        config: dict[str, Any] = read_json(folder / "adapter_config.json")
    except (OSError, ValueError) as error:
        raise UnsupportedModelError(
            f"{folder}: no adapter_config.json that can be read; name a folder written by peft"
        ) from error
    odd = [
        name
        for name in (
            "use_dora",
            "modules_to_save",
            "rank_pattern",
            "alpha_pattern",
            "trainable_token_indices",
        )
        if config.get(name)
    ]
    if config.get("peft_type") != "LORA":
        odd.append(f"peft_type {config.get('peft_type')}")
    if config.get("bias", "none") != "none":
        odd.append(f"bias {config['bias']}")
    if odd:
        raise UnsupportedModelError(
            f"{folder}: adapters with {', '.join(odd)} do not fit a bank; train a plain LoRA, or merge it"
        )
    return config


def read_peft(folder: Path, spec: ModelSpec, rank: int) -> dict[str, NDArray[np.float32]]:
    """Name in the bank -> (in, ranks) or (ranks, out) of one adapter; its scale is part of `b`, smaller ranks
    are filled up with zeros.

    Raises UnsupportedModelError for adapters that are not plain LoRA of at most `rank` on the projections of
    this model.
    """
    config = _config(folder)
    used = int(config["r"])
    if used > rank:
        raise UnsupportedModelError(
            f"{folder}: an adapter of rank {used} does not fit a bank of rank {rank}; use --rank {used}"
        )
    scale = float(config["lora_alpha"]) / (np.sqrt(used) if config.get("use_rslora") else used)
    try:
        weights = load_file(folder / "adapter_model.safetensors")
    except (OSError, SafetensorError) as error:
        raise UnsupportedModelError(
            f"{folder}: no adapter_model.safetensors that can be read ({error}); let peft write it again"
        ) from error
    adapter: dict[str, NDArray[np.float32]] = {}
    for layer in range(spec.layers):
        for projection, parts in PARTS.items():
            inputs, outputs = sizes(spec, projection)
            a, b = (
                np.zeros((inputs, rank * len(parts)), np.float32),
                np.zeros((rank * len(parts), sum(outputs)), np.float32),
            )
            block, column = "mlp" if projection in ("gate_up", "down") else "self_attn", 0
            for at, part in enumerate(parts):
                sides = [
                    weights.pop(f"{_PREFIX}{layer}.{block}.{part}.lora_{side}.weight", None) for side in "AB"
                ]
                if sides[0] is not None and sides[1] is not None:
                    rows = slice(at * rank, at * rank + used)
                    if (sides[0].shape, sides[1].shape) != ((used, inputs), (outputs[at], used)):
                        raise UnsupportedModelError(
                            f"{folder}: {block}.{part} has other sizes than the model's; name an adapter of "
                            "this one"
                        )
                    a[:, rows], b[rows, column : column + outputs[at]] = sides[0].T, sides[1].T * scale
                column += outputs[at]
            if b.any():
                adapter |= {entry(layer, projection, "a"): a, entry(layer, projection, "b"): b}
    if weights:
        raise UnsupportedModelError(
            f"{folder}: the adapter changes {min(weights)}, which the graph does not adapt"
        )
    return adapter
