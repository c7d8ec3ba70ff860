"""Weight-only quantisation: every matrix product with a constant weight becomes MatMulNBits (blocks of 32
inputs, symmetric)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

BLOCK: Final = 32
HEAD_BITS: Final = 8
"""Of the output head at any precision: at 4 bits it alone costs most of the agreement."""
_ACCURACY_INT8: Final = 4
"""MatMulNBits accuracy level: activations in int8 too, one scale per row and block, so a row never depends on
its batch."""


def quantise_weight(
    weight: NDArray[np.float32], bits: int = 8
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(in, out) weight -> bytes (out, blocks, BLOCK * bits / 8) around the middle code and scales (out *
    blocks).

    Inputs are filled up with zeros to whole blocks. 8 bits: the largest magnitude is code 127. 4 bits, two
    codes per byte, the first in the low half: the value of largest magnitude is code -8, so that all sixteen
    codes are in use.
    """
    size, outputs = weight.shape
    padded = np.zeros((-(-size // BLOCK) * BLOCK, outputs), np.float32)
    padded[:size] = weight
    blocks = padded.T.reshape(outputs, -1, BLOCK)
    if bits == 8:
        scales = np.abs(blocks).max(axis=2) / 127
    else:
        largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2)[:, :, None], axis=2)[:, :, 0]
        scales = largest / -8
    scales[scales == 0] = 1
    middle = 1 << (bits - 1)
    codes = np.clip(np.rint(blocks / scales[:, :, None]) + middle, 0, 2 * middle - 1).astype(np.uint8)
    if bits == 4:
        codes = codes[:, :, 0::2] | (codes[:, :, 1::2] << 4)
    return codes, scales.reshape(-1).astype(np.float32)


def _head(graph: onnx.GraphProto) -> str:
    """The output of the product that the top tokens are taken from."""
    source = {name: node for node in graph.node for name in node.output}
    node = next(node for node in graph.node if node.op_type == "TopK")
    while node.op_type in ("TopK", "Cast", "Squeeze", "Reshape"):
        node = source[node.input[0]]
    return str(node.output[0])


def _product(node: onnx.NodeProto) -> dict[str, Any] | None:
    """Attributes of a product that MatMulNBits can take over, None for any other node."""
    attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    if node.op_type == "MatMul":
        return attributes
    plain = (
        attributes.get("alpha", 1.0) == 1.0
        and attributes.get("beta", 1.0) == 1.0
        and not attributes.get("transA", 0)
    )
    return attributes if node.op_type == "Gemm" and plain else None


def quantise(model: onnx.ModelProto, bits: int = 8) -> onnx.ModelProto:
    """A copy of a float32 graph with `bits` (8 | 4) per weight in its matrix products, 8 in the head;
    embedding and norms stay float32."""
    if bits not in (4, 8):
        raise ValueError(f"weights of {bits} bits: choose 4 or 8")
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph, head = result.graph, _head(result.graph)
    stored = {tensor.name: tensor for tensor in graph.initializer}
    overridable = {value.name for value in graph.input}
    replaced = set()
    for node in graph.node:
        attributes = _product(node)
        if attributes is None or node.input[1] not in stored or node.input[1] in overridable:
            continue
        name = node.input[1]
        weight = numpy_helper.to_array(stored[name])
        if weight.ndim != 2:
            continue
        weight = weight.T if attributes.get("transB", 0) else weight
        used = HEAD_BITS if node.output[0] == head else bits
        codes, scales = quantise_weight(weight, used)
        names = [f"{name}.q{used}", f"{name}.q{used}.scales"]
        if names[0] not in {tensor.name for tensor in graph.initializer[len(stored) :]}:
            graph.initializer.extend(
                [numpy_helper.from_array(codes, names[0]), numpy_helper.from_array(scales, names[1])]
            )
        bias = ["", "", node.input[2]] if len(node.input) > 2 and node.input[2] else []
        shape = {
            "K": weight.shape[0],
            "N": weight.shape[1],
            "bits": used,
            "block_size": BLOCK,
            "accuracy_level": _ACCURACY_INT8,
        }
        node.CopyFrom(
            helper.make_node(
                "MatMulNBits",
                [node.input[0], *names, *bias],
                list(node.output),
                name=node.name,
                domain="com.microsoft",
                **shape,
            )
        )
        replaced.add(name)
    _drop_unread(graph, replaced)
    if not any(opset.domain == "com.microsoft" for opset in result.opset_import):
        result.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return result


def _drop_unread(graph: onnx.GraphProto, names: set[str]) -> None:
    """Removes those of the named weights that no node reads any more (a tied embedding is still read)."""
    read = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name in names - read]:
        graph.initializer.remove(tensor)
