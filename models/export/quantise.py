"""Weight-only quantisation: every matrix product with a constant weight becomes MatMulNBits (blocks of 32
inputs, symmetric).

Weights that were quantised before keep their blocks. Of blocks with a minimum (w = scale * code + minimum)
the product is that of the symmetric codes, plus the sums of the inputs of each block times what is left:
exact, while onnxruntime's own way (zero points in float32) leaves its fast kernel and costs 45 times as
much.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

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


class Blocks(NamedTuple):
    """A weight of N outputs in blocks of BLOCK inputs: `codes` (N, blocks, BLOCK * bits / 8) around the
    middle code, `scales` (N * blocks,); `minima` (N, blocks) is what each weight of a block is larger, None
    = 0."""

    bits: int
    codes: NDArray[np.uint8]
    scales: NDArray[np.float32]
    minima: NDArray[np.float32] | None = None


NO_BLOCKS: Final[Mapping[str, Blocks]] = {}


def quantise(
    model: onnx.ModelProto, bits: int = 8, own: Mapping[str, Blocks] = NO_BLOCKS, embedding: bool = False
) -> onnx.ModelProto:
    """A copy of a float32 graph with `bits` (8 | 4) per weight in its matrix products, 8 in the head; norms
    stay float32.

    own: blocks that weights have already, by initialiser. embedding: with a head that reads the embedding,
    the embedding is read from the head's blocks too, else it stays float32.
    """
    if bits not in (4, 8):
        raise ValueError(f"weights of {bits} bits: choose 4 or 8")
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph, head = result.graph, _head(result.graph)
    stored = {tensor.name: tensor for tensor in graph.initializer}
    overridable = {value.name for value in graph.input}
    nodes: list[onnx.NodeProto] = []
    made: dict[tuple[str, int], Blocks] = {}
    for node in graph.node:
        attributes = _product(node)
        name = "" if attributes is None else node.input[1]
        if attributes is None or name not in stored or name in overridable or len(stored[name].dims) != 2:
            nodes.append(node)
            continue
        used = HEAD_BITS if node.output[0] == head else bits
        if (name, used) not in made:
            turned = bool(attributes.get("transB", 0))
            blocks = made[name, used] = own.get(name) or _made(stored[name], turned, used)
            graph.initializer.extend(_initializers(name, blocks))
        blocks = made[name, used]
        nodes += _multiplied(node, blocks, width=stored[name].dims[1 if attributes.get("transB", 0) else 0])
    if embedding:
        eight = {name: blocks for (name, _), blocks in made.items() if blocks.bits == HEAD_BITS}
        nodes = [part for node in nodes for part in _looked_up(node, eight, graph)]
    if any(blocks.minima is not None for blocks in made.values()):
        graph.initializer.extend(_SUMMED)
    del graph.node[:]
    graph.node.extend(nodes)
    _drop_unread(graph, {name for name, _ in made})
    if not any(opset.domain == _MICROSOFT for opset in result.opset_import):
        result.opset_import.append(helper.make_opsetid(_MICROSOFT, 1))
    return result


_MICROSOFT: Final = "com.microsoft"
_BY_ROW, _FLAT = "embedding.by_row", "embedding.flat"
_APART, _INNER = "blocks.apart", "blocks.inner"
_SUMMED: Final = (
    numpy_helper.from_array(np.array([0, 0, -1, BLOCK], np.int64), _APART),
    numpy_helper.from_array(np.array([-1], np.int64), _INNER),
)


def _made(weight: onnx.TensorProto, turned: bool, bits: int) -> Blocks:
    values = numpy_helper.to_array(weight)
    return Blocks(bits, *quantise_weight(values.T if turned else values, bits))


def _stored_name(name: str, bits: int, part: str = "") -> str:
    return f"{name}.q{bits}{part}"


def _initializers(name: str, blocks: Blocks) -> list[onnx.TensorProto]:
    parts = {"": blocks.codes, ".scales": blocks.scales}
    if blocks.minima is not None:
        parts[".minima"] = np.ascontiguousarray(blocks.minima.T)
    return [
        numpy_helper.from_array(value, _stored_name(name, blocks.bits, part)) for part, value in parts.items()
    ]


def _multiplied(node: onnx.NodeProto, blocks: Blocks, width: int) -> list[onnx.NodeProto]:
    """The nodes that take the place of a product with a weight of `width` inputs."""
    source, name, output = node.input[0], node.input[1], node.output[0]
    bias = ["", "", node.input[2]] if len(node.input) > 2 and node.input[2] else []
    codes, scales = (_stored_name(name, blocks.bits, part) for part in ("", ".scales"))
    symmetric = output if blocks.minima is None else f"{output}.symmetric"
    product = helper.make_node(
        "MatMulNBits", [source, codes, scales, *bias], [symmetric], name=symmetric, domain=_MICROSOFT,
        K=width, N=len(blocks.codes), bits=blocks.bits, block_size=BLOCK, accuracy_level=_ACCURACY_INT8,
    )  # fmt: skip
    if blocks.minima is None:
        return [product]
    steps: tuple[tuple[str, list[str], str, dict[str, int]], ...] = (
        ("Reshape", [source, _APART], f"{output}.blocks", {}),
        ("ReduceSum", [f"{output}.blocks", _INNER], f"{output}.sums", {"keepdims": 0}),
        ("MatMul", [f"{output}.sums", _stored_name(name, blocks.bits, ".minima")], f"{output}.rest", {}),
        ("Add", [symmetric, f"{output}.rest"], output, {}),
    )
    return [
        product,
        *(helper.make_node(kind, ins, [out], name=out, **more) for kind, ins, out, more in steps),
    ]


def _looked_up(
    node: onnx.NodeProto, eight: Mapping[str, Blocks], graph: onnx.GraphProto
) -> list[onnx.NodeProto]:
    """A look-up of rows of a quantised weight, from its blocks; other nodes as they are."""
    if node.op_type != "Gather" or node.input[0] not in eight:
        return [node]
    name, output = node.input[0], node.output[0]
    codes, scales = (_stored_name(name, HEAD_BITS, part) for part in ("", ".scales"))
    for shape, values in ((_BY_ROW, [-1, eight[name].codes.shape[1], 1]), (_FLAT, [0, 0, -1])):
        graph.initializer.append(numpy_helper.from_array(np.array(values, np.int64), shape))
    return [
        helper.make_node("Reshape", [scales, _BY_ROW], [f"{output}.scales"], name=f"{output}.scales"),
        helper.make_node(
            "GatherBlockQuantized", [codes, node.input[1], f"{output}.scales"], [f"{output}.blocks"],
            name=output, domain=_MICROSOFT, bits=HEAD_BITS, block_size=BLOCK, gather_axis=0, quantize_axis=2,
        ),
        helper.make_node("Reshape", [f"{output}.blocks", _FLAT], [output], name=f"{output}.flat"),
    ]  # fmt: skip


def _drop_unread(graph: onnx.GraphProto, names: set[str]) -> None:
    """Removes those of the named weights that no node reads any more (a tied embedding is still read)."""
    read = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name in names - read]:
        graph.initializer.remove(tensor)
