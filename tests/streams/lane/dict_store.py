"""The real working copy over rows in a dict: for tests of workloads without RocksDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from models.row import RowLayout
from streams.lane.arena import Arena
from streams.lane.variable_rows import VariableRows
from streams.lane.working_copy import WorkingCopy
from streams.rows.ownership import NOBODY, Owner
from streams.rows.row_versions import RowVersions
from streams.rows.rows_on_disk import BEATEN


class DictStore:
    """Rows of one lane in memory, with the interface of streams.lane.store.LaneStore."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}
        self.at = -1

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        return [self.rows.get(key) for key in keys]

    def scan(self, prefix: bytes, after: bytes) -> Iterator[tuple[bytes, bytes]]:
        yield from sorted(
            (key, value) for key, value in self.rows.items() if key.startswith(prefix) and key > after
        )

    def offset(self) -> int:
        return self.at

    def owner(self) -> Owner:
        return NOBODY

    def beaten(self) -> list[bytes]:
        return [key[len(BEATEN) :] for key in self.rows if key.startswith(BEATEN)]

    def append(self, rows: Iterable[tuple[bytes, bytes | None]], start: int, end: int, owner: Owner) -> None:
        assert start == self.at + 1, "a hole"
        self.write(rows, end)

    def write(self, rows: Iterable[tuple[bytes, bytes | None]], offset: int) -> None:
        self.at = offset
        for key, value in rows:
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value


class LaneOfOne:
    """A lane's memory whose views are made by hand: `visit` runs a function on a view and commits, `flush`
    writes to the dict."""

    def __init__(
        self,
        layouts: Mapping[str, RowLayout],
        capacity: int = 10_000,
        store: DictStore | None = None,
    ) -> None:
        self.store = DictStore() if store is None else store
        self.versions = RowVersions(layouts, partition=3)
        self.arena = Arena(self.versions, capacity, self.store)
        self.variable = VariableRows(self.store, self.versions)
        self.flushes = 0

    def view(self, now_ms: int = 0, lane: int = 0, generation: int = 1) -> WorkingCopy:
        return WorkingCopy(
            self.arena,
            self.variable,
            self.store,
            lane=lane,
            generation=generation,
            flush=self.flushes + 1,
            now_ms=now_ms,
            heard_ms={},
        )

    def visit(self, function: Callable[[WorkingCopy], Any], now_ms: int = 0) -> WorkingCopy:
        """Run `function` on a new view and keep its changes; the view, for its `outputs` and
        `late_outputs`."""
        view = self.view(now_ms)
        function(view)
        view.commit()
        return view

    def flush(self, fence: np.void) -> list[tuple[bytes, bytes | None]]:
        """Write changed rows to the dict; the rows written."""
        rows = [*self.arena.dirty(), *self.variable.dirty(fence)]
        self.store.write(rows, self.store.at + len(rows))
        self.arena.cleaned()
        self.variable.cleaned()
        self.flushes += 1
        return rows
