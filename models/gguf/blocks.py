"""The blocks that a GGUF file's weights are quantised in, as the graphs take them: nothing is rounded twice.

Layouts as in ggml-common.h: Q8_0 = scale (f16), 32 codes (i8); Q4_0 = scale, 16 bytes; Q4_1 = scale, minimum,
16 bytes; byte k of 4-bit codes holds inputs k (low half) and k + 16.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.export.quantise import BLOCK, Blocks
from models.gguf.reading import GgufModel, GgufTensor
from models.model_folder.spec import EMBEDDING, layer_weight

_MIDDLE: Final = 8
PRODUCTS: Final = {
    "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "o": ("self_attn.o_proj",),
    "gate": ("mlp.gate_proj",),
    "up": ("mlp.up_proj",),
    "down": ("mlp.down_proj",),
}
"""The matrix products of a layer in the fused graph, and the weights that each packs."""


def own_blocks(model: GgufModel) -> dict[str, Blocks]:
    """By initialiser of the fused graph, of 4-bit weights and an 8-bit embedding that the file stores so."""
    found = {
        f"l{layer}.{product}.w": [model.tensors[layer_weight(layer, part)] for part in parts]
        for layer in range(model.spec.layers)
        for product, parts in PRODUCTS.items()
    }
    found["embedding"] = [model.tensors[EMBEDDING]]
    made = {name: [_blocks(tensor) for tensor in tensors] for name, tensors in found.items()}
    return {name: _packed(alike) for name, each in made.items() if (alike := _alike(each))}


def _alike(parts: list[Blocks | None]) -> list[Blocks]:
    """The parts, none where one has no blocks or other bits than the first."""
    found = [part for part in parts if part is not None]
    return found if len(found) == len(parts) and len({part.bits for part in found}) == 1 else []


def _blocks(tensor: GgufTensor) -> Blocks | None:
    if tensor.kind == "Q8_0":
        data = tensor.data.reshape(len(tensor.data), -1, 2 + BLOCK)
        codes = (data[:, :, 2:].view(np.int8).astype(np.int16) + 128).astype(np.uint8)
        return Blocks(8, codes, _halves(data[:, :, :2]).reshape(-1))
    if tensor.kind == "Q4_0":
        data = tensor.data.reshape(len(tensor.data), -1, 2 + BLOCK // 2)
        return Blocks(4, _paired(data[:, :, 2:]), _halves(data[:, :, :2]).reshape(-1))
    if tensor.kind == "Q4_1":
        data = tensor.data.reshape(len(tensor.data), -1, 4 + BLOCK // 2)
        scales, minima = _halves(data[:, :, :2]), _halves(data[:, :, 2:4])
        return Blocks(4, _paired(data[:, :, 4:]), scales.reshape(-1), minima + _MIDDLE * scales)
    return None


def _halves(data: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(rows, blocks, 2) bytes -> (rows, blocks) float32."""
    return np.ascontiguousarray(data).view(np.float16)[:, :, 0].astype(np.float32)


def _paired(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """From bytes that hold inputs k and k + 16 to bytes that hold inputs 2k and 2k + 1."""
    codes = np.concatenate([data & 15, data >> 4], 2)
    return codes[:, :, 0::2] | (codes[:, :, 1::2] << 4)


def _packed(parts: list[Blocks]) -> Blocks:
    """The weights of one product, outputs one behind the other."""
    minima = [part.minima if part.minima is not None else np.zeros(part.codes.shape[:2]) for part in parts]
    return Blocks(
        parts[0].bits,
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.scales for part in parts]),
        np.concatenate(minima).astype(np.float32) if any(part.minima is not None for part in parts) else None,
    )
