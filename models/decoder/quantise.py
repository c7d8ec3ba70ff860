"""Weight-only 8-bit quantisation: every MatMul with a constant weight becomes MatMulNBits (blocks of 32, symmetric)."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

BLOCK = 32
_ACCURACY_INT8 = 4
"""MatMulNBits accuracy level: activations in int8 too, one scale per row and block, so a row never depends on its batch."""


def quantise_weight(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(in, out) weight -> bytes (out, blocks, BLOCK) around 128 and scales (out * blocks); `in` must be a multiple of BLOCK."""
    size, outputs = weight.shape
    if size % BLOCK:
        raise ValueError(f"a weight with {size} inputs cannot be cut in blocks of {BLOCK}: choose widths that are multiples of {BLOCK}")
    blocks = weight.T.reshape(outputs, size // BLOCK, BLOCK)
    scales = np.abs(blocks).max(axis=2) / 127
    scales[scales == 0] = 1
    return (np.rint(blocks / scales[:, :, None]) + 128).astype(np.uint8), scales.reshape(-1).astype(np.float32)


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy of a float32 graph with 8-bit weights in its matrix products; embedding and norms stay float32."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in constants:
            continue
        tensor = constants.pop(node.input[1])
        weight = numpy_helper.to_array(tensor)
        packed, scales = quantise_weight(weight)
        names = (f"{tensor.name}.q8", f"{tensor.name}.scales")
        graph.initializer.remove(tensor)
        graph.initializer.extend([numpy_helper.from_array(packed, names[0]), numpy_helper.from_array(scales, names[1])])
        attributes = {"K": weight.shape[0], "N": weight.shape[1], "bits": 8, "block_size": BLOCK, "accuracy_level": _ACCURACY_INT8}
        node.CopyFrom(
            helper.make_node(
                "MatMulNBits", [node.input[0], *names], list(node.output), name=node.name, domain="com.microsoft", **attributes
            )
        )
    return result
