"""The network once more, one sequence at a time in plain numpy: what the fused graph is compared with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.decoder.adapter_bank import AdapterBank
from models.decoder.engine import DecoderEngine
from models.decoder.fused_graph import FusedGraph
from models.decoder.mover import Mover
from models.decoder.sequence import Prompt
from models.model_folder.session import open_session
from models.model_folder.spec import EMBEDDING, FINAL_NORM, ModelSpec, layer_weight

Weights = dict[str, NDArray[np.float32]]
SPEC = ModelSpec(
    vocabulary=320, width=64, layers=2, heads=2, kv_heads=1, hidden=96, head_width=32, context=64
)


def random_weights(seed: int, spec: ModelSpec = SPEC) -> Weights:
    """Weights of the size that training starts with."""
    rng = np.random.default_rng(seed)

    def matrix(outputs: int, inputs: int) -> NDArray[np.float32]:
        return (rng.normal(0, 1, (outputs, inputs)) / np.sqrt(inputs)).astype(np.float32)

    def scale() -> NDArray[np.float32]:
        return rng.normal(1, 0.1, spec.width).astype(np.float32)

    kv = spec.kv_heads * spec.head_width
    weights = {
        EMBEDDING: rng.normal(0, 0.3, (spec.vocabulary, spec.width)).astype(np.float32),
        FINAL_NORM: scale(),
    }
    for index in range(spec.layers):
        for part, outputs in (("q", spec.width), ("k", kv), ("v", kv), ("o", spec.width)):
            weights[layer_weight(index, f"self_attn.{part}_proj")] = matrix(outputs, spec.width)
        for part, outputs, inputs in (
            ("gate", spec.hidden, spec.width),
            ("up", spec.hidden, spec.width),
            ("down", spec.width, spec.hidden),
        ):
            weights[layer_weight(index, f"mlp.{part}_proj")] = matrix(outputs, inputs)
        for part in ("input_layernorm", "post_attention_layernorm"):
            weights[layer_weight(index, part)] = scale()
    return weights


def _norm(x: NDArray[np.float64], scale: NDArray[np.float32], eps: float) -> NDArray[np.float64]:
    result: NDArray[np.float64] = x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * scale
    return result


def _attention(x: NDArray[np.float64], weights: Weights, index: int, spec: ModelSpec) -> NDArray[np.float64]:
    """Causal grouped-query attention with rotary positions over one whole sequence (S, width)."""
    count, width = len(x), spec.head_width
    angles = np.outer(np.arange(count), spec.rope_theta ** -(np.arange(0, width, 2) / width))
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]

    def heads(part: str) -> NDArray[np.float64]:
        projected: NDArray[np.float64] = x @ weights[layer_weight(index, f"self_attn.{part}_proj")].T
        return projected.reshape(count, -1, width)

    def rotated(values: NDArray[np.float64]) -> NDArray[np.float64]:
        left, right = values[..., : width // 2], values[..., width // 2 :]
        return np.concatenate([left * cos - right * sin, right * cos + left * sin], -1)

    group = spec.heads // spec.kv_heads
    q, k, v = rotated(heads("q")), np.repeat(rotated(heads("k")), group, 1), np.repeat(heads("v"), group, 1)
    scores = np.einsum("shd,thd->hst", q, k) / np.sqrt(width)
    scores = np.where(np.tril(np.ones((count, count))) > 0, scores, -np.inf)
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    mixed: NDArray[np.float64] = (
        np.einsum("hst,thd->shd", shares, v).reshape(count, -1)
        @ weights[layer_weight(index, "self_attn.o_proj")].T
    )
    return mixed


def last_logits(ids: list[int], weights: Weights, spec: ModelSpec = SPEC) -> NDArray[np.float64]:
    """Logits (vocabulary,) after the last of `ids`."""
    x = weights[EMBEDDING][ids].astype(np.float64)
    for index in range(spec.layers):
        x = x + _attention(
            _norm(x, weights[layer_weight(index, "input_layernorm")], spec.norm_eps), weights, index, spec
        )
        normed = _norm(x, weights[layer_weight(index, "post_attention_layernorm")], spec.norm_eps)
        gate = normed @ weights[layer_weight(index, "mlp.gate_proj")].T
        opened = gate / (1 + np.exp(-gate)) * (normed @ weights[layer_weight(index, "mlp.up_proj")].T)
        x = x + opened @ weights[layer_weight(index, "mlp.down_proj")].T
    logits: NDArray[np.float64] = _norm(x[-1], weights[FINAL_NORM], spec.norm_eps) @ weights[EMBEDDING].T
    return logits


class _Recorder:
    """Takes the best token and keeps what it was offered."""

    def __init__(self, steps: int, rows: int) -> None:
        self.logits: list[list[NDArray[np.float32]]] = [[] for _ in range(steps)]
        self.ids: list[list[NDArray[np.int64]]] = [[] for _ in range(steps)]
        self._rows = rows

    def choose(
        self,
        rows: NDArray[np.int64],
        top_logits: NDArray[np.float32],
        top_ids: NDArray[np.int64],
        step: int,
        draws: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        order = np.argsort(rows)
        assert len(order) == self._rows
        self.logits[step], self.ids[step] = list(top_logits[order]), list(top_ids[order])
        return top_ids[:, 0]


def greedy(
    model: bytes, prompts: list[list[int]], steps: int, spec: ModelSpec = SPEC
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Top logits and ids (steps, rows, TOP) of a graph that decodes a ragged right-padded batch greedily."""
    session = open_session(model, "cpu", 1)
    graph = FusedGraph(session, AdapterBank(session), lambda layout: Mover(layout, "cpu", 1), captured=False)
    recorder = _Recorder(steps, len(prompts))
    engine = DecoderEngine(graph, None, spec.context, 0, batch_rows=len(prompts))
    engine.decode([Prompt((), tuple(prompt)) for prompt in prompts], recorder, lambda: 1.0, limit=steps)
    return np.array(recorder.logits), np.array(recorder.ids)
