"""The fused graph at work: prefill and decode over keys and values that are read and written in place."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from models.arrays import IntArray
from models.decoder.adapter_bank import AdapterBank
from models.decoder.kv import Kv, KvLayout, KvPool, row_bucket
from models.decoder.mover import Mover
from models.decoder.state import Top

_GRAPH_ID = "gpu_graph_id"
_NO_CAPTURE = "-1"


class Step:
    """One decode step of a fixed number of rows over fixed memory: every address stays, so that a CUDA graph
    can be replayed."""

    def __init__(
        self, session: ort.InferenceSession, kv: Kv, adapters: AdapterBank, graph_id: str | None
    ) -> None:
        self._session, device, rows, self.graph_id = session, kv.layout.device, kv.rows, graph_id

        def fixed(value: NDArray[Any]) -> Any:
            return ort.OrtValue.ortvalue_from_numpy(value, device, 0)

        self._ids, self._seqlens = fixed(np.zeros((rows, 1), np.int64)), fixed(np.zeros(rows, np.int32))
        self._last, self._adapter = fixed(np.zeros((rows, 1), np.int64)), fixed(np.zeros(rows, np.int64))
        # A captured graph keeps what the host knew: the buffer's length is right for every step, the rows'
        # own lengths mask the rest.
        self._total = None if graph_id is None else kv.length
        self._total_value = np.array(kv.length, np.int32)
        outputs = {output.name: output.shape[-1] for output in session.get_outputs()}
        self._logits = fixed(np.zeros((rows, outputs["top_logits"]), np.float32))
        self._tokens = fixed(np.zeros((rows, outputs["top_ids"]), np.int64))
        self._binding = binding = session.io_binding()
        for name, value in (("input_ids", self._ids), ("seqlens_k", self._seqlens), ("last", self._last)):
            binding.bind_ortvalue_input(name, value)
        binding.bind_cpu_input("total_sequence_length", self._total_value)
        adapters.bind(binding, self._adapter)
        kv.bind_inputs(binding, "past_")
        kv.bind_outputs(binding, "present_")
        binding.bind_ortvalue_output("top_logits", self._logits)
        binding.bind_ortvalue_output("top_ids", self._tokens)
        self._options = ort.RunOptions()
        if device == "cuda":
            self._options.add_run_config_entry(_GRAPH_ID, _NO_CAPTURE if graph_id is None else graph_id)

    def enter(self, adapters: IntArray) -> None:
        """Says which adapter each row has."""
        self._adapter.update_inplace(adapters)

    def run(self, ids: IntArray, lengths: NDArray[np.int32]) -> Top:
        """Computes the last of `lengths` (rows,) tokens, which are `ids` (rows,)."""
        self._ids.update_inplace(ids[:, None])
        self._seqlens.update_inplace(lengths - 1)
        self._total_value[()] = self._total or lengths.max()
        self._session.run_with_iobinding(self._binding, self._options)
        return Top(self._logits.numpy(), self._tokens.numpy())


class FusedGraph:
    """A session over a fused graph, the memory it works in and the steps it has captured."""

    def __init__(
        self,
        session: ort.InferenceSession,
        adapters: AdapterBank,
        mover: Callable[[KvLayout], Mover],
        captured: bool,
    ) -> None:
        """`captured`: rows are filled up to buckets, so that few shapes come and each is captured once as a
        CUDA graph."""
        self.session, self.adapters, self.captured = session, adapters, captured
        self.layout = KvLayout.of(session)
        self.pool, self.mover = KvPool(self.layout), mover(self.layout)
        self._steps: dict[tuple[Kv, int], Step] = {}
        self._graph_ids = count(1)  # an id is captured once and never again

    def rows_of(self, rows: int) -> int:
        """Rows that run when `rows` are wanted."""
        return row_bucket(rows) if self.captured else rows

    def prefill(self, ids: IntArray, lengths: NDArray[np.int32], adapters: IntArray, kv: Kv) -> Top:
        """Computes whole prompts (n, S), right-padded, into a block of n rows."""
        binding = self.session.io_binding()
        binding.bind_cpu_input("input_ids", ids)
        binding.bind_cpu_input("seqlens_k", lengths - 1)
        binding.bind_cpu_input("total_sequence_length", np.array(ids.shape[1], np.int32))
        binding.bind_cpu_input("last", (lengths - 1).astype(np.int64)[:, None])
        self.adapters.bind(binding, adapters)
        kv.bind_inputs(binding, "past_")
        kv.bind_outputs(binding, "present_")
        return run_for_top(self.session, binding)

    def step(self, kv: Kv) -> Step:
        """The step over a block; one per bucket and address is kept when steps are captured."""
        if not self.captured:
            return Step(self.session, kv, self.adapters, None)
        key = (kv, self.adapters.version)
        if key not in self._steps:
            self._steps = {
                known: step
                for known, step in self._steps.items()
                if known[1] == self.adapters.version and self.pool.holds(known[0])
            }
            self._steps[key] = Step(self.session, kv, self.adapters, str(next(self._graph_ids)))
        return self._steps[key]


def run_for_top(session: ort.InferenceSession, binding: Any) -> Top:
    """Runs a binding whose other outputs are bound and returns the top tokens."""
    binding.bind_output("top_logits")
    binding.bind_output("top_ids")
    options = ort.RunOptions()
    if session.get_providers()[0] == "CUDAExecutionProvider":
        options.add_run_config_entry(_GRAPH_ID, _NO_CAPTURE)
    session.run_with_iobinding(binding, options)
    *_, logits, ids = binding.get_outputs()  # in the order they were bound
    return Top(logits.numpy(), ids.numpy())


class FusedState:
    """Rows in a block of the pool; `block` says in which of its two memories."""

    def __init__(
        self, graph: FusedGraph, block: int, kv: Kv, lengths: NDArray[np.int32], adapters: IntArray
    ) -> None:
        """`kv` has `graph.rows_of(len(lengths))` rows."""
        self._graph, self._block, self._kv = graph, block, kv
        self._lengths, self._adapters = lengths, adapters
        self._step = graph.step(kv)
        self._step.enter(_filled(adapters, kv.rows))

    @property
    def rows(self) -> int:
        return len(self._lengths)

    def step(self, ids: IntArray, live: NDArray[np.bool_]) -> Top:
        self._lengths = self._lengths + live.astype(np.int32)
        top = self._step.run(
            _filled(ids, self._kv.rows), np.maximum(_filled(self._lengths, self._kv.rows), 1)
        )
        return Top(top.logits[: self.rows], top.ids[: self.rows])

    def take(self, rows: IntArray) -> FusedState:
        target = self._graph.pool.block(1 - self._block, self._graph.rows_of(len(rows)), self._kv.length)
        self._graph.mover.move(self._kv, rows, target.part(0, len(rows)))
        return FusedState(self._graph, 1 - self._block, target, self._lengths[rows], self._adapters[rows])


def _filled(values: NDArray[Any], rows: int) -> NDArray[Any]:
    """`values` with zeros for rows that only fill the bucket."""
    return (
        values
        if len(values) == rows
        else np.concatenate([values, np.zeros(rows - len(values), values.dtype)])
    )
