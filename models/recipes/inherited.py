"""What a refreshed model inherits from the one it takes the place of: all that its manifest promises and
tuning does not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from safetensors.numpy import save_file

from models.export.config import LONGEST_CONTEXT
from models.json_file import read_json, write_json
from models.model_folder.adapters import PARTS, Arrays, Bank, entry, read_bank, sizes
from models.model_folder.session import ModelFolder, open_folder
from models.model_folder.spec import ModelSpec
from models.training.examples.formats import NOTE_FILE
from models.training.publish import LEXICON

_BLOCKS: Final = {"qkv": "self_attn", "o": "self_attn", "gate_up": "mlp", "down": "mlp"}


@dataclass(frozen=True)
class Inherited:
    """Arguments of `publish`. `licence` None: unknown; `adapters`: folders as peft writes them; `words`: a
    pointer model may use them."""

    parent: str
    precisions: tuple[str, ...]
    locales: tuple[str, ...]
    licence: str | None
    longest: int
    bank: Bank | None
    adapters: Mapping[str, Path]
    words: frozenset[str]


def inherited(current: Path, checkpoint: Path, work: Path) -> Inherited:
    """From the model folder `current` for a Hugging Face folder; adapters are written below `work`. Raises
    ModelFileError.

    Licence and length are those of the weights, so that only a checkpoint of the same kind inherits them.
    """
    folder = open_folder(current)
    manifest = folder.manifest
    config = read_json(checkpoint / "config.json")
    pointers = manifest["writing"] == "pointers"
    alike = config["model_type"] == folder.spec.architecture and (checkpoint / NOTE_FILE).exists() == pointers
    about = manifest["adapters"]
    return Inherited(
        parent=f"{manifest['name']}/{manifest['version']}",
        precisions=tuple(variant["precision"] for variant in manifest["variants"].values()),
        locales=tuple(manifest["locales"]),
        licence=manifest["licence"] if alike and manifest["licence"] != "unknown" else None,
        longest=folder.spec.context if alike else LONGEST_CONTEXT,
        bank=Bank(int(about["room"]), int(about["rank"])) if about else None,
        adapters=_adapters(folder, work) if about else {},
        words=frozenset(folder.read(LEXICON).decode().split()) if pointers else frozenset(),
    )


def _adapters(folder: ModelFolder, work: Path) -> dict[str, Path]:
    """Name of each adapter -> its folder, in the order of their rows."""
    rows, bank = read_bank(folder)
    found: dict[str, Path] = {}
    for name, row in rows.items():
        found[name] = work / name
        _write_peft(
            found[name],
            folder.spec,
            {key: values[row] for key, values in bank.items()},
            folder.manifest["adapters"]["rank"],
        )
    return found


def _write_peft(out: Path, spec: ModelSpec, adapter: Arrays, rank: int) -> None:
    """One row of the bank as peft saves an adapter: its scale is in `b` already, so that alpha is the
    rank."""
    weights: dict[str, Any] = {}
    for layer in range(spec.layers):
        for projection, parts in PARTS.items():
            a, b = adapter[entry(layer, projection, "a")], adapter[entry(layer, projection, "b")]
            column = 0
            for at, (part, width) in enumerate(zip(parts, sizes(spec, projection)[1], strict=True)):
                name, ranks = (
                    f"base_model.model.model.layers.{layer}.{_BLOCKS[projection]}.{part}",
                    slice(at * rank, (at + 1) * rank),
                )
                weights[f"{name}.lora_A.weight"] = a[:, ranks].T.copy()
                weights[f"{name}.lora_B.weight"] = b[ranks, column : column + width].T.copy()
                column += width
    out.mkdir(parents=True)
    save_file(weights, out / "adapter_model.safetensors")
    modules = [part for parts in PARTS.values() for part in parts]
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": rank,
        "lora_alpha": rank,
        "target_modules": modules,
        "bias": "none",
    }
    write_json(out / "adapter_config.json", config)
