"""A model folder of this project -> a checkpoint that can be tuned: its fused graph holds every weight,
packed for the runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from transformers import LlamaConfig, LlamaForCausalLM

from models.copywriter.topics import FILE
from models.json_file import write_json
from models.model_folder.session import ModelFolder, open_folder
from models.model_folder.spec import EMBEDDING, FINAL_NORM, ModelSpec, layer_weight
from models.training.examples.formats import NOTE_FILE
from models.training.tuned import CheckpointError

_EXACT: Final = ("fp32", "fp16")


def _exact_graph(folder: ModelFolder) -> str:
    """The fused graph whose weights are not quantised. Raises CheckpointError."""
    for variant in folder.manifest["variants"].values():
        if variant["precision"] in _EXACT and variant["decode"]:
            return str(variant["decode"])
    raise CheckpointError(
        f"{folder.folder}: holds quantised weights only; tune the checkpoint it was exported from"
    )


def _weights(graph: onnx.GraphProto, spec: ModelSpec) -> dict[str, NDArray[np.float32]]:
    """Weights under their Hugging Face names (float32); the graph has them transposed, queries, keys and
    values side by side."""
    packed = {tensor.name: numpy_helper.to_array(tensor).astype(np.float32) for tensor in graph.initializer}
    keys = spec.kv_heads * spec.head_width
    cuts = {
        "qkv": (
            ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
            [spec.width, spec.width + keys],
        ),
        "o": (("self_attn.o_proj",), []),
        "gate": (("mlp.gate_proj",), []),
        "up": (("mlp.up_proj",), []),
        "down": (("mlp.down_proj",), []),
    }
    weights = {EMBEDDING: packed["embedding"], FINAL_NORM: packed["norm.w"]}
    for index in range(spec.layers):
        for name, (parts, edges) in cuts.items():
            for part, piece in zip(parts, np.split(packed[f"l{index}.{name}.w"], edges, axis=1), strict=True):
                weights[layer_weight(index, part)] = np.ascontiguousarray(piece.T)
        for norm, part in (("norm1", "input_layernorm"), ("norm2", "post_attention_layernorm")):
            weights[layer_weight(index, part)] = packed[f"l{index}.{norm}.w"]
    return weights


def unpack(folder: Path, out: Path) -> Path:
    """Writes the checkpoint of a pointer model's folder to `out` and returns it. Raises CheckpointError and
    ModelFileError."""
    opened = open_folder(folder)
    spec, manifest = opened.spec, opened.manifest
    if manifest["writing"] != "pointers" or spec.architecture != "llama" or not spec.tied:
        raise CheckpointError(
            f"{folder}: only folders of the built-in format can be tuned directly; name the Hugging Face "
            "folder instead"
        )
    graph = onnx.load_from_string(opened.read(_exact_graph(opened))).graph
    config: Any = LlamaConfig(
        vocab_size=spec.vocabulary, hidden_size=spec.width, num_hidden_layers=spec.layers,
        intermediate_size=spec.hidden,
        num_attention_heads=spec.heads, num_key_value_heads=spec.kv_heads, head_dim=spec.head_width,
        max_position_embeddings=spec.context,
        rms_norm_eps=spec.norm_eps, rope_theta=spec.rope_theta, tie_word_embeddings=True,
        eos_token_id=spec.eos[0], pad_token_id=spec.pad,
        bos_token_id=None,
    )  # fmt: skip
    network = LlamaForCausalLM(config)
    network.load_state_dict(
        {name: torch.from_numpy(weight) for name, weight in _weights(graph, spec).items()}, strict=False
    )
    out.mkdir(parents=True, exist_ok=True)
    network.save_pretrained(out)
    for name in ("tokenizer.json", FILE):
        (out / name).write_bytes(opened.read(name))
    note = {name: manifest[name] for name in ("writing", "controls", "locales", "recipe")}
    write_json(out / NOTE_FILE, note)
    return out
