"""Writes the network as one ONNX graph for prefill and decode: grouped-query attention over shared KV
buffers, top tokens inside.

Inputs: `input_ids` (B, S) int64 right-padded; `seqlens_k` (B,) int32 = tokens of the row so far - 1;
`total_sequence_length` () int32; `last` (B, 1) int64 = index of the row's last real token in `input_ids`;
`past_key_i`, `past_value_i` (B, KV, L, D) bound to the same memory as `present_key_i`, `present_value_i`;
with an adapter bank also `adapter` (B,) int64 and the bank's overridable initialisers. Outputs: `top_logits`
(B, K) float32 descending and `top_ids` (B, K) int64, K = TOP or the vocabulary when that is smaller. Needs
the `train` extra (onnx); serving never imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import ml_dtypes
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.decoder.kv import TOP
from models.model_folder.adapters import Bank, entry, shapes
from models.model_folder.spec import EMBEDDING, FINAL_NORM, HEAD, ModelSpec, layer_weight

OPSET: Final = 23
_OPSETS = (("", OPSET), ("com.microsoft", 1))
_TYPES: Final[Mapping[str, tuple[Any, int]]] = {
    "fp32": (np.float32, TensorProto.FLOAT),
    "fp16": (np.float16, TensorProto.FLOAT16),
    "bf16": (ml_dtypes.bfloat16, TensorProto.BFLOAT16),
}
Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Rope:
    """Rotary frequencies (head width / 2,) in radians per token and what cos and sin are scaled by."""

    frequencies: NDArray[np.float32]
    scale: float = 1.0


class _Graph:
    """Nodes and initialisers under construction; stores and computes in `precision`."""

    def __init__(self, spec: ModelSpec, weights: Weights, precision: str, bank: Bank | None) -> None:
        self.spec, self.weights, self.bank = spec, weights, bank
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.dtype, self.element = _TYPES[precision]

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        stored = value.astype(self.dtype) if value.dtype == np.float32 else value
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(stored), name))
        return name

    def node(
        self, kind: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes: object
    ) -> str:
        self.nodes.append(
            helper.make_node(kind, inputs, outputs, name=outputs[0], domain=domain, **attributes)
        )
        return outputs[0]

    def linear(
        self, name: str, source: str, weight: NDArray[np.float32], bias: NDArray[np.float32] | None = None
    ) -> str:
        """source @ weight.T + bias for a checkpoint's (out, in) weight."""
        product = name if bias is None else f"{name}.product"
        self.node("MatMul", [source, self.constant(f"{name}.w", np.ascontiguousarray(weight.T))], [product])
        return (
            product if bias is None else self.node("Add", [product, self.constant(f"{name}.b", bias)], [name])
        )

    def projected(self, layer: int, projection: str, parts: list[str], source: str) -> str:
        """The packed projection of a layer, each row with its adapter."""
        biased = projection == "qkv" and self.spec.qkv_bias
        weight = np.concatenate([self.weights[layer_weight(layer, part)] for part in parts])
        bias = (
            np.concatenate([self.weights[layer_weight(layer, part, "bias")] for part in parts])
            if biased
            else None
        )
        name = f"l{layer}.{projection}"
        base = self.linear(name, source, weight, bias)
        return (
            base
            if self.bank is None
            else self.node("Add", [base, self.adapted(layer, projection, source)], [f"{name}.adapted"])
        )

    def adapted(self, layer: int, projection: str, source: str) -> str:
        """What the adapters of the rows add to a packed projection."""
        name = f"l{layer}.{projection}.lora"
        sides = [
            self.node("Gather", [entry(layer, projection, side), "adapter"], [f"{name}.{side}"])
            for side in "ab"
        ]
        return self.node(
            "MatMul", [self.node("MatMul", [source, sides[0]], [f"{name}.narrow"]), sides[1]], [name]
        )

    def gate_and_up(self, layer: int, source: str) -> tuple[str, str]:
        """The projections that open and fill the hidden layer: two products, since taking one large one apart
        costs 1 to 2 % of a step."""
        gate, up = (
            self.linear(f"l{layer}.{part}", source, self.weights[layer_weight(layer, f"mlp.{part}_proj")])
            for part in ("gate", "up")
        )
        if self.bank is None:
            return gate, up
        added = [f"l{layer}.{part}.lora" for part in ("gate", "up")]
        self.node("Split", [self.adapted(layer, "gate_up", source)], added, axis=-1, num_outputs=2)
        return (
            self.node("Add", [gate, added[0]], [f"l{layer}.gate.adapted"]),
            self.node("Add", [up, added[1]], [f"l{layer}.up.adapted"]),
        )

    def norm(
        self, name: str, residual: str, delta: str | None, scale: NDArray[np.float32]
    ) -> tuple[str, str]:
        """(residual + delta, its RMS norm)."""
        constant, epsilon = self.constant(f"{name}.w", scale), self.spec.norm_eps
        if delta is None:
            return residual, self.node(
                "RMSNormalization", [residual, constant], [name], axis=-1, epsilon=epsilon
            )
        inputs, summed = [residual, delta, constant], f"{name}.sum"
        self.node(
            "SkipSimplifiedLayerNormalization",
            inputs,
            [name, "", "", summed],
            "com.microsoft",
            epsilon=epsilon,
        )
        return summed, name


def rope_tables(spec: ModelSpec, rope: Rope | None = None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """cos and sin of the rotary angles, (context, head width / 2); without `rope` the plain frequencies of
    theta."""
    if rope is None:
        exponents = np.arange(0, spec.head_width, 2, dtype=np.float32) / spec.head_width
        rope = Rope((spec.rope_theta**-exponents).astype(np.float32))
    angles = np.outer(np.arange(spec.context, dtype=np.float32), rope.frequencies)
    return (np.cos(angles) * rope.scale).astype(np.float32), (np.sin(angles) * rope.scale).astype(np.float32)


def _normed_heads(graph: _Graph, layer: int, qkv: str) -> list[str]:
    """Queries and keys normed head by head (Qwen3), values as they are: three inputs for attention."""
    spec, prefix = graph.spec, f"l{layer}"
    parts = [f"{prefix}.{part}" for part in "qkv"]
    graph.node("Split", [qkv, "qkv.sizes"], parts, axis=-1)
    for at, part in enumerate("qk"):
        heads = graph.node("Reshape", [parts[at], "heads.apart"], [f"{prefix}.{part}.heads"])
        scale = graph.constant(
            f"{prefix}.{part}_norm.w", graph.weights[layer_weight(layer, f"self_attn.{part}_norm")]
        )
        normed = graph.node(
            "RMSNormalization", [heads, scale], [f"{prefix}.{part}_norm"], axis=-1, epsilon=spec.norm_eps
        )
        parts[at] = graph.node("Reshape", [normed, "heads.together"], [f"{prefix}.{part}.normed"])
    return parts


def _layer(graph: _Graph, index: int, residual: str, delta: str | None) -> tuple[str, str]:
    """One block. `delta` is what the block before adds to the residual; returns (residual, delta) for the
    next one.

    The last block goes on with the row's last token alone: nobody reads the others.
    """
    spec, prefix = graph.spec, f"l{index}"

    def weight(part: str) -> NDArray[np.float32]:
        return graph.weights[layer_weight(index, part)]

    residual, normed = graph.norm(f"{prefix}.norm1", residual, delta, weight("input_layernorm"))
    qkv = graph.projected(index, "qkv", [f"self_attn.{part}_proj" for part in "qkv"], normed)
    attended = graph.node(
        "GroupQueryAttention",
        [
            *(_normed_heads(graph, index, qkv) if spec.qk_norm else (qkv, "", "")),
            *(
                f"past_key_{index}",
                f"past_value_{index}",
                "seqlens_k",
                "total_sequence_length",
                "rope.cos",
                "rope.sin",
            ),
        ],
        [f"{prefix}.attended", f"present_key_{index}", f"present_value_{index}"],
        "com.microsoft",
        num_heads=spec.heads,
        kv_num_heads=spec.kv_heads,
        do_rotary=1,
        rotary_interleaved=0,
    )
    if index == spec.layers - 1:
        attended = graph.node("GatherND", [attended, "last.index"], ["last.attended"], batch_dims=1)
        residual = graph.node("GatherND", [residual, "last.index"], ["last.residual"], batch_dims=1)
    mixed = graph.projected(index, "o", ["self_attn.o_proj"], attended)
    residual, normed = graph.norm(f"{prefix}.norm2", residual, mixed, weight("post_attention_layernorm"))
    gate, up = graph.gate_and_up(index, normed)
    opened = graph.node(
        "Mul", [gate, graph.node("Sigmoid", [gate], [f"{prefix}.sigmoid"])], [f"{prefix}.silu"]
    )
    hidden = graph.node("Mul", [opened, up], [f"{prefix}.hidden"])
    return residual, graph.projected(index, "down", ["mlp.down_proj"], hidden)


def _head(graph: _Graph, residual: str, delta: str) -> None:
    """The last real position of each row -> its top tokens. A tied head reads the embedding itself: one copy
    in file and memory."""
    _, normed = graph.norm("norm", residual, delta, graph.weights[FINAL_NORM])
    graph.constant("axis.1", np.array([1], np.int64))
    rows = graph.node("Squeeze", [normed, "axis.1"], ["last.normed"])
    head = "embedding" if graph.spec.tied else graph.constant("head", graph.weights[HEAD])
    logits = graph.node("Gemm", [rows, head], ["logits"], transB=1)
    if graph.element != TensorProto.FLOAT:
        logits = graph.node("Cast", [logits], ["logits.float"], to=TensorProto.FLOAT)
    graph.constant("top.k", np.array([min(TOP, graph.spec.vocabulary)], np.int64))
    graph.node("TopK", [logits, "top.k"], ["top_logits", "top_ids"], axis=-1, largest=1, sorted=1)


def _shared(graph: _Graph, rope: Rope | None) -> None:
    """What all layers use: tables, indices, shapes."""
    spec = graph.spec
    graph.constant("embedding", graph.weights[EMBEDDING])
    for name, table in zip(("rope.cos", "rope.sin"), rope_tables(spec, rope), strict=True):
        graph.constant(name, table)
    graph.constant("axis.last", np.array([-1], np.int64))
    graph.node("Unsqueeze", ["last", "axis.last"], ["last.index"])
    if spec.qk_norm:
        keys = spec.kv_heads * spec.head_width
        graph.constant("qkv.sizes", np.array([spec.heads * spec.head_width, keys, keys], np.int64))
        graph.constant("heads.apart", np.array([0, 0, -1, spec.head_width], np.int64))
        graph.constant("heads.together", np.array([0, 0, -1], np.int64))


def _interface(graph: _Graph) -> tuple[list[onnx.ValueInfoProto], list[onnx.ValueInfoProto]]:
    """Inputs and outputs of the graph."""
    spec, info = graph.spec, helper.make_tensor_value_info
    buffer, top = ["batch", spec.kv_heads, "buffer", spec.head_width], ["batch", min(TOP, spec.vocabulary)]
    names = [f"{part}_{index}" for index in range(spec.layers) for part in ("key", "value")]
    inputs = [
        info("input_ids", TensorProto.INT64, ["batch", "length"]),
        info("seqlens_k", TensorProto.INT32, ["batch"]),
        info("total_sequence_length", TensorProto.INT32, []),
        info("last", TensorProto.INT64, ["batch", 1]),
        *(info(f"past_{name}", graph.element, buffer) for name in names),
    ]
    if graph.bank is not None:
        inputs.append(info("adapter", TensorProto.INT64, ["batch"]))
        for name, shape in shapes(spec, graph.bank):
            graph.constant(name, np.zeros(shape, np.float32))
            inputs.append(info(name, graph.element, shape))
    outputs = [
        info("top_logits", TensorProto.FLOAT, top),
        info("top_ids", TensorProto.INT64, top),
        *(info(f"present_{name}", graph.element, buffer) for name in names),
    ]
    return inputs, outputs


def build_fused_graph(
    spec: ModelSpec,
    weights: Weights,
    precision: str = "fp32",
    rope: Rope | None = None,
    bank: Bank | None = None,
) -> onnx.ModelProto:
    """The graph for these weights (checkpoint names); stores and computes in `precision` fp32 | fp16 | bf16
    (the last two: CUDA).

    Raises ValueError for a network without layers, KeyError for a missing weight.
    """
    if spec.layers < 1:
        raise ValueError("a network needs at least one layer")
    graph = _Graph(spec, weights, precision, bank)
    _shared(graph, rope)
    residual, delta = graph.node("Gather", ["embedding", "input_ids"], ["embedded"]), ""
    for index in range(spec.layers):
        residual, delta = _layer(graph, index, residual, delta or None)
    _head(graph, residual, delta)
    inputs, outputs = _interface(graph)
    whole = helper.make_graph(graph.nodes, "decode", inputs, outputs, graph.initializers)
    opsets = [helper.make_opsetid(*opset) for opset in _OPSETS]
    return helper.make_model(whole, opset_imports=opsets, ir_version=10, producer_name="shiftcast")
