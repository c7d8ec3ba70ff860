"""Writes the network as one ONNX graph for prefill and decode: grouped-query attention over shared KV buffers, top tokens inside.

Inputs: `input_ids` (B, S) int64 right-padded; `seqlens_k` (B,) int32 = tokens of the row so far - 1; `total_sequence_length` () int32;
`last` (B, 1) int64 = index of the row's last real token in `input_ids`; `past_key_i`, `past_value_i` (B, KV, L, D) bound to the same
memory as `present_key_i`, `present_value_i`. Outputs: `top_logits` (B, K) float32 descending and `top_ids` (B, K) int64.
Needs the `train` extra (onnx); serving never imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.decoder.kv import TOP
from models.decoder.spec import EMBEDDING, FINAL_NORM, ModelSpec, layer_weight

_OPSETS = (("", 23), ("com.microsoft", 1))
Weights = Mapping[str, NDArray[np.float32]]


class _Graph:
    """Nodes and initialisers under construction; `half` stores and computes in float16."""

    def __init__(self, half: bool) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.dtype: type[np.generic] = np.float16 if half else np.float32

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        stored = value.astype(self.dtype) if value.dtype == np.float32 else value
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(stored), name))
        return name

    def node(self, kind: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=outputs[0], domain=domain, **attributes))
        return outputs[0]

    def linear(self, name: str, source: str, weight: NDArray[np.float32]) -> str:
        """source @ weight.T for a checkpoint's (out, in) weight."""
        return self.node("MatMul", [source, self.constant(f"{name}.w", np.ascontiguousarray(weight.T))], [name])


def rope_tables(spec: ModelSpec) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """cos and sin of the rotary angles, (context, head width / 2)."""
    frequencies = spec.rope_theta ** -(np.arange(0, spec.head_width, 2, dtype=np.float32) / spec.head_width)
    angles = np.outer(np.arange(spec.context, dtype=np.float32), frequencies)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def _layer(graph: _Graph, spec: ModelSpec, weights: Weights, index: int, residual: str, delta: str | None) -> tuple[str, str]:
    """One block. `delta` is what the block before adds to the residual; returns (residual, delta) for the next one."""

    def weight(part: str) -> NDArray[np.float32]:
        return weights[layer_weight(index, part)]

    residual, normed = _norm(graph, spec, f"l{index}.norm1", residual, delta, weight("input_layernorm"))
    packed = np.concatenate([weight(f"self_attn.{part}_proj") for part in "qkv"])
    qkv = graph.linear(f"l{index}.qkv", normed, packed)
    past = [f"past_key_{index}", f"past_value_{index}"]
    attended = graph.node(
        "GroupQueryAttention",
        [qkv, "", "", *past, "seqlens_k", "total_sequence_length", "rope.cos", "rope.sin"],
        [f"l{index}.attended", f"present_key_{index}", f"present_value_{index}"],
        "com.microsoft",
        num_heads=spec.heads,
        kv_num_heads=spec.kv_heads,
        do_rotary=1,
        rotary_interleaved=0,
    )
    mixed = graph.linear(f"l{index}.o", attended, weight("self_attn.o_proj"))
    residual, normed = _norm(graph, spec, f"l{index}.norm2", residual, mixed, weight("post_attention_layernorm"))
    both = graph.linear(f"l{index}.gate_up", normed, np.concatenate([weight("mlp.gate_proj"), weight("mlp.up_proj")]))
    gate, up = f"l{index}.gate", f"l{index}.up"
    graph.node("Split", [both], [gate, up], axis=-1, num_outputs=2)
    opened = graph.node("Mul", [gate, graph.node("Sigmoid", [gate], [f"l{index}.sigmoid"])], [f"l{index}.silu"])
    hidden = graph.node("Mul", [opened, up], [f"l{index}.hidden"])
    return residual, graph.linear(f"l{index}.down", hidden, weight("mlp.down_proj"))


def _norm(graph: _Graph, spec: ModelSpec, name: str, residual: str, delta: str | None, scale: NDArray[np.float32]) -> tuple[str, str]:
    """(residual + delta, its RMS norm)."""
    constant = graph.constant(f"{name}.w", scale)
    if delta is None:
        return residual, graph.node("RMSNormalization", [residual, constant], [name], axis=-1, epsilon=spec.norm_eps)
    summed = f"{name}.sum"
    graph.node(
        "SkipSimplifiedLayerNormalization", [residual, delta, constant], [name, "", "", summed], "com.microsoft", epsilon=spec.norm_eps
    )
    return summed, name


def _head(graph: _Graph, spec: ModelSpec, weights: Weights, residual: str, delta: str) -> None:
    """The last real position of each row -> its top tokens."""
    _, normed = _norm(graph, spec, "norm", residual, delta, weights[FINAL_NORM])
    row = graph.node("GatherND", [normed, "last"], ["last.hidden"], batch_dims=1)
    logits = graph.linear("logits", row, weights[EMBEDDING])
    if graph.dtype == np.float16:
        logits = graph.node("Cast", [logits], ["logits.float"], to=TensorProto.FLOAT)
    graph.constant("top.k", np.array([TOP], np.int64))
    graph.node("TopK", [logits, "top.k"], ["top_logits", "top_ids"], axis=-1, largest=1, sorted=1)


def build(spec: ModelSpec, weights: Weights, half: bool = False) -> onnx.ModelProto:
    """The graph for these weights (checkpoint names, float32); `half` stores and computes in float16 (CUDA)."""
    graph = _Graph(half)
    graph.constant("embedding", weights[EMBEDDING])
    for name, table in zip(("rope.cos", "rope.sin"), rope_tables(spec), strict=True):
        graph.constant(name, table)
    residual, delta = graph.node("Gather", ["embedding", "input_ids"], ["embedded"]), None
    for index in range(spec.layers):
        residual, delta = _layer(graph, spec, weights, index, residual, delta)
    if delta is None:
        raise ValueError("a network needs at least one layer")
    _head(graph, spec, weights, residual, delta)
    real = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    buffer = ["batch", spec.kv_heads, "buffer", spec.head_width]

    def buffers(when: str) -> list[onnx.ValueInfoProto]:
        return [
            helper.make_tensor_value_info(f"{when}_{part}_{index}", real, buffer)
            for index in range(spec.layers)
            for part in ("key", "value")
        ]

    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"]),
        helper.make_tensor_value_info("seqlens_k", TensorProto.INT32, ["batch"]),
        helper.make_tensor_value_info("total_sequence_length", TensorProto.INT32, []),
        helper.make_tensor_value_info("last", TensorProto.INT64, ["batch", 1]),
        *buffers("past"),
    ]
    outputs = [
        helper.make_tensor_value_info("top_logits", TensorProto.FLOAT, ["batch", TOP]),
        helper.make_tensor_value_info("top_ids", TensorProto.INT64, ["batch", TOP]),
        *buffers("present"),
    ]
    whole = helper.make_graph(graph.nodes, "copywriter", inputs, outputs, graph.initializers)
    return helper.make_model(
        whole, opset_imports=[helper.make_opsetid(*opset) for opset in _OPSETS], ir_version=10, producer_name="shiftcast"
    )
