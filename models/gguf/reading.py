"""A GGUF file of a Llama-shaped model: its spec, its weights under checkpoint names, its tokenizer.

The format is that of ggml (github.com/ggml-org/ggml, docs/gguf.md). Needs the `convert` extra.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, ReaderTensor
from gguf.quants import dequantize
from numpy.typing import NDArray

from models.export.config import LONGEST_CONTEXT
from models.gguf.tokens import tokenizer_json
from models.model_folder.spec import EMBEDDING, FINAL_NORM, HEAD, ModelSpec, layer_weight

_PARTS: Final = {
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}  # fmt: skip
_HEAD_TENSOR: Final = "output.weight"
_WHOLE: Final = {"token_embd.weight": EMBEDDING, "output_norm.weight": FINAL_NORM, _HEAD_TENSOR: HEAD}
_TURNED: Final = ("self_attn.q_proj", "self_attn.k_proj")


class GgufError(ValueError):
    """A file that cannot be converted: says which property of it, and what to do instead."""


@dataclass(frozen=True)
class GgufTensor:
    """One tensor as it is stored, rows in the order of a checkpoint: `kind` as ggml names it, `data` (rows,
    bytes of a row) or float32 (rows, columns) | (columns,)."""

    kind: str
    data: NDArray[Any]

    def values(self) -> NDArray[np.float32]:
        """Float32, (rows, columns) or (columns,)."""
        return np.asarray(dequantize(self.data, GGMLQuantizationType[self.kind]), np.float32)


@dataclass(frozen=True)
class GgufModel:
    """What a GGUF file holds. `tensors` by checkpoint name."""

    spec: ModelSpec
    tensors: Mapping[str, GgufTensor]
    tokenizer: bytes
    licence: str
    name: str

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """Every weight in float32, by checkpoint name."""
        return {name: tensor.values() for name, tensor in self.tensors.items()}


def read_gguf(path: Path, longest: int = LONGEST_CONTEXT) -> GgufModel:
    """The model of a file, for at most `longest` tokens of prompt and copy together. Raises GgufError."""
    try:
        reader = GGUFReader(path)
    except (OSError, ValueError, IndexError) as error:
        raise GgufError(f"{path}: no GGUF file that can be read ({error})") from error
    fields = {name: field.contents() for name, field in reader.fields.items()}
    kind = fields.get("general.architecture")
    if kind != "llama":
        raise GgufError(
            f"{path}: its architecture is {kind}; converted are files of Llama shape (llama, SmolLM, "
            "SmolLM2, Mistral): for another model use `shiftcast model export` on its checkpoint"
        )
    try:
        tied = all(tensor.name != _HEAD_TENSOR for tensor in reader.tensors)
        spec, tokenizer = _spec(fields, longest, tied), tokenizer_json(fields)
        tensors = _tensors(reader.tensors, spec)
    except KeyError as error:
        raise GgufError(f"{path}: its header lacks {error.args[0]}; make the file anew") from error
    except ValueError as error:
        raise GgufError(f"{path}: {error}") from error
    if missing := sorted(_needed(spec) - set(tensors)):
        raise GgufError(f"{path}: it lacks {missing[0]} ({len(missing)} in all); fetch the file again")
    licence = str(fields.get("general.license", "unknown"))
    return GgufModel(spec, tensors, tokenizer, licence, str(fields.get("general.basename", path.stem)))


def _spec(fields: Mapping[str, Any], longest: int, tied: bool) -> ModelSpec:
    width, heads = int(fields["llama.embedding_length"]), int(fields["llama.attention.head_count"])
    tokens = fields["tokenizer.ggml.tokens"]
    eos = int(fields["tokenizer.ggml.eos_token_id"])
    return ModelSpec(
        vocabulary=len(tokens),
        width=width,
        layers=int(fields["llama.block_count"]),
        heads=heads,
        kv_heads=int(fields.get("llama.attention.head_count_kv", heads)),
        hidden=int(fields["llama.feed_forward_length"]),
        context=min(int(fields["llama.context_length"]), longest),
        head_width=int(fields.get("llama.rope.dimension_count", width // heads)),
        rope_theta=float(fields.get("llama.rope.freq_base", 10_000.0)),
        norm_eps=float(fields["llama.attention.layer_norm_rms_epsilon"]),
        tied=tied,
        eos=(eos,),
        pad=int(fields.get("tokenizer.ggml.padding_token_id", eos)),
    )


def _tensors(stored: list[ReaderTensor], spec: ModelSpec) -> dict[str, GgufTensor]:
    found: dict[str, GgufTensor] = {}
    for tensor in stored:
        name = _WHOLE.get(tensor.name)
        if name is None and tensor.name.startswith("blk."):
            _, layer, part, kind = tensor.name.split(".")
            if part in _PARTS and kind == "weight":
                name = layer_weight(int(layer), _PARTS[part])
        if name is None:
            raise GgufError(
                f"it holds {tensor.name}, which the graph does not say; use `shiftcast model export` on the "
                "model's checkpoint"
            )
        data = np.asarray(tensor.data)
        if any(part in name for part in _TURNED):
            data = _unturned(data, spec.heads if "q_proj" in name else spec.kv_heads)
        found[name] = GgufTensor(tensor.tensor_type.name, data)
    return found


def _unturned(rows: NDArray[Any], heads: int) -> NDArray[Any]:
    """llama.cpp keeps the two halves of each head's rotary pairs interleaved; checkpoints keep them apart."""
    apart = rows.reshape(heads, -1, 2, rows.shape[1])
    return np.ascontiguousarray(apart.swapaxes(1, 2).reshape(rows.shape))


def _needed(spec: ModelSpec) -> set[str]:
    layers = {layer_weight(layer, part) for layer in range(spec.layers) for part in _PARTS.values()}
    return layers | {EMBEDDING, FINAL_NORM}
