"""The extend graph at work: any number of new tokens behind any past. It computes prefixes and what follows
them, and whole copies for models that have no fused graph."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from models.arrays import IntArray
from models.decoder.adapter_bank import AdapterBank
from models.decoder.fused_graph import run_for_top
from models.decoder.kv import Kv, KvLayout
from models.decoder.mover import Mover
from models.decoder.state import Top


class ExtendGraph:
    """A session over an extend graph."""

    def __init__(
        self, session: ort.InferenceSession, adapters: AdapterBank, mover: Callable[[KvLayout], Mover]
    ) -> None:
        self.session, self.adapters = session, adapters
        self.layout = KvLayout.of(session)
        self.mover = mover(self.layout)

    def run(
        self, ids: IntArray, mask: IntArray, positions: IntArray, last: IntArray, past: Kv, adapters: IntArray
    ) -> tuple[Top, Kv]:
        """`ids` (n, S) behind `past` (n, P): mask (n, P + S), positions (n, S), last (n, 1) index of the last
        real id -> top, all kv."""
        binding = self.session.io_binding()
        for name, value in (
            ("input_ids", ids),
            ("attention_mask", mask),
            ("position_ids", positions),
            ("last", last),
        ):
            binding.bind_cpu_input(name, np.ascontiguousarray(value))
        self.adapters.bind(binding, adapters)
        past.bind_inputs(binding, "past_")
        for name in self.layout.names:
            binding.bind_output(f"present_{name}", self.layout.device)
        top = run_for_top(self.session, binding)
        return top, Kv.over(self.layout, binding.get_outputs()[: len(self.layout.names)])

    def prefix(self, ids: IntArray, adapter: int) -> Kv:
        """Keys and values of one prefix (P,), which is computed alone: the same bits whoever asks."""
        count = len(ids)
        ones, last = np.ones((1, count), np.int64), np.array([[count - 1]])
        return self.run(
            ids[None], ones, np.arange(count)[None], last, Kv.made(self.layout, 1, 0), np.array([adapter])
        )[1]

    def suffix(
        self, ids: IntArray, lengths: NDArray[np.int32], prefix: Kv | None, adapters: IntArray
    ) -> tuple[Top, Kv]:
        """Right-padded suffixes (n, S) of one prefix that all of them share."""
        count, before = len(ids), prefix.length if prefix else 0
        past = Kv.made(self.layout, count, before)
        if prefix:
            self.mover.move(prefix, np.zeros(count, np.int64), past)
        real = np.arange(ids.shape[1]) < lengths[:, None]
        mask = np.concatenate([np.ones((count, before), bool), real], axis=1).astype(np.int64)
        positions = np.minimum(before + np.arange(ids.shape[1]), before + lengths[:, None] - 1).astype(
            np.int64
        )
        return self.run(ids, mask, positions, (lengths - 1).astype(np.int64)[:, None], past, adapters)


class GrowingState:
    """Rows whose keys and values are handed on from run to run: how models without a fused graph write."""

    def __init__(self, graph: ExtendGraph, kv: Kv, mask: IntArray, adapters: IntArray) -> None:
        """`mask` (rows, tokens of `kv`) is 1 for real tokens."""
        self._graph, self._kv, self._mask, self._adapters = graph, kv, mask, adapters

    @property
    def rows(self) -> int:
        return len(self._mask)

    def step(self, ids: IntArray, live: NDArray[np.bool_]) -> Top:
        positions = self._mask.sum(axis=1, keepdims=True)
        self._mask = np.concatenate([self._mask, live.astype(np.int64)[:, None]], axis=1)
        last = np.zeros((self.rows, 1), np.int64)
        top, self._kv = self._graph.run(ids[:, None], self._mask, positions, last, self._kv, self._adapters)
        return top

    def take(self, rows: IntArray) -> GrowingState:
        target = Kv.made(self._graph.layout, len(rows), self._kv.length)
        self._graph.mover.move(self._kv, rows, target)
        return GrowingState(self._graph, target, self._mask[rows], self._adapters[rows])
