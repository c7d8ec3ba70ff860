"""The one View: changes are collected here and enter the lane's memory only by `commit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows
from streams.lane.arena import Arena, RowStore, Slots, bytes_of
from streams.lane.variable_rows import VariableRows
from streams.rows.row_versions import RowVersions
from streams.wire.output import Outgoing, Output

SCANNED: Final = 64
"""Rows that a scan brings back into their form at a time."""


class WorkingCopy:
    """See streams.wire.view.View. Dropping one without `commit` leaves no trace."""

    def __init__(
        self,
        arena: Arena,
        variable: VariableRows,
        store: RowStore,
        *,
        lane: int,
        generation: int,
        flush: int,
        now_ms: int,
        heard_ms: Mapping[str, int],
        behind: bool = False,
    ) -> None:
        self.lane, self.generation, self.flush = lane, generation, flush
        self.now_ms, self.heard_ms, self.behind = now_ms, heard_ms, behind
        self.outputs: list[Outgoing] = []
        self.late_outputs: list[Output] = []
        self._arena, self._variable, self._store = arena, variable, store
        self._slots: Slots | None = None
        self._copies: dict[str, Rows] = {}
        self._changed: dict[str, NDArray[np.bool_]] = {}
        self._puts: dict[bytes, bytes | None] = {}

    def rows(self, keys: Sequence[bytes]) -> tuple[NDArray[np.int32], dict[str, Rows]]:
        if self._slots is not None:
            raise RuntimeError("rows() may be called once per view: give it every user of the batch")
        self._slots, inverse = self._arena.distinct(self._arena.slots(keys))
        self._copies = {kind: self._arena.gather(kind, self._slots) for kind in self._arena.kinds}
        return inverse, self._copies

    def users(self) -> list[bytes]:
        return [] if self._slots is None else self._arena.keys(self._slots)

    def mark(self, kind: str, changed: NDArray[np.bool_]) -> None:
        before = self._changed.get(kind)
        self._changed[kind] = changed.astype(np.bool_) if before is None else before | changed

    def delete(self, kind: str, index: int | NDArray[np.integer[Any]]) -> None:
        rows = self._copies[kind]
        rows[index] = np.zeros((), rows.dtype)
        changed = np.zeros(len(rows), np.bool_)
        changed[index] = True
        self.mark(kind, changed)

    def get(self, key: bytes) -> bytes | None:
        return self._puts[key] if key in self._puts else self._variable.get(key)

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        others = [key for key in keys if key not in self._puts]
        kept = dict(zip(others, self._variable.get_many(others), strict=True))
        return [kept[key] if key in kept else self._puts[key] for key in keys]

    def put(self, key: bytes, value: bytes | None) -> None:
        kind = key[:1].decode("latin-1")
        if kind in self._arena.kinds:
            raise ValueError(f"rows of kind {kind!r} have a fixed size: change the copies that rows() gave")
        if kind not in self._variable.versions.known:
            raise ValueError(f"rows of kind {kind!r} have no layout: the workload must name it")
        self._puts[key] = value

    def scan(self, prefix: bytes, after: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        kind = prefix[:1].decode("latin-1")
        fixed, versions = kind in self._arena.kinds, self._variable.versions
        changed = self._arena.overlay(kind) if fixed else {**self._variable.pending, **self._puts}
        fresh = sorted(
            (key, value) for key, value in changed.items() if key.startswith(prefix) and key > after
        )
        stored = (
            (key, value if fixed else versions.payload(value))
            for key, value in self._store.scan(prefix, after)
            if key not in changed
        )
        pairs = (
            (key, value) for key, value in merge(stored, fresh, key=lambda pair: pair[0]) if value is not None
        )
        yield from _unpacked(kind, pairs, versions) if fixed else pairs

    def send(self, output: Outgoing) -> None:
        self.outputs.append(output)

    def send_after_flush(self, output: Output) -> None:
        self.late_outputs.append(output)

    def commit(self) -> None:
        """Make the changes the lane's state."""
        for kind, changed in self._changed.items():
            assert self._slots is not None
            self._arena.scatter(kind, self._slots, self._copies[kind], changed)
        for key, value in self._puts.items():
            self._variable.put(key, value)


def _unpacked(
    kind: str, pairs: Iterator[tuple[bytes, bytes]], versions: RowVersions
) -> Iterator[tuple[bytes, bytes]]:
    """Keys and whole rows, as of today, of stored forms."""
    while some := list(islice(pairs, SCANNED)):
        keys, values = zip(*some, strict=True)
        yield from zip(keys, bytes_of(versions.rows(kind, values)), strict=True)
