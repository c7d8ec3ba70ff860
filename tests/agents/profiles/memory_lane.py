"""One lane in memory: the same arena, working copies and flush order as a worker's, without a broker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from agents.profiles.reference import ProfilesReference
from agents.profiles.workload import APPLY, ProfileWorkload
from models.row import HEADER
from streams.lane.arena import Arena
from streams.lane.variable_rows import VariableRows
from streams.lane.working_copy import WorkingCopy
from streams.rows.row_versions import RowVersions
from streams.settings import Settings
from streams.topics import BY_NAME
from streams.wire.output import Output, one_by_one
from streams.wire.partition import partition
from streams.wire.view import RecordBatch

NOW_MS = 1_795_291_200_000


@dataclass
class Consumed:
    """A record as aiokafka hands it over."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class DictStore(dict[bytes, bytes]):
    """Rows of a lane that survive a crash."""

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        return [self.get(key) for key in keys]

    def scan(self, prefix: bytes, after: bytes) -> Iterator[tuple[bytes, bytes]]:
        for key in sorted(self):
            if key.startswith(prefix) and key > after:
                yield key, self[key]


@dataclass
class Log:
    """Topics of one partition: what was produced, by topic."""

    lane: int = 0
    records: dict[str, list[Consumed]] = field(default_factory=dict)

    def add(
        self,
        topic: str,
        key: str | bytes | None,
        value: bytes | None,
        ts: int,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> Consumed:
        assert topic in BY_NAME
        records = self.records.setdefault(topic, [])
        record = Consumed(
            topic, self.lane, len(records), ts, key.encode() if isinstance(key, str) else key, value, headers
        )
        records.append(record)
        return record


class MemoryLane:
    """Applies batches as streams.lane.lane does. `crash` forgets everything since the last flush."""

    def __init__(
        self,
        reference: ProfilesReference,
        settings: Settings,
        store: DictStore | None = None,
        lane: int = 0,
        now_ms: int = NOW_MS,
    ) -> None:
        self.store = DictStore() if store is None else store
        self.workload = ProfileWorkload(settings, reference)
        self.lane, self.now_ms, self.generation, self.flushes = lane, now_ms, 1, 0
        self.versions = RowVersions(self.workload.layouts, lane)
        self.arena = Arena(self.versions, 4_096, self.store)
        self.variable = VariableRows(self.store, self.versions)
        self.outputs: list[Output] = []
        self.hears = True  # has it read all its topics to their ends?
        self.behind = False  # does a full batch wait for it?
        self._visit(self.workload.assigned)

    def apply(self, records: Sequence[Consumed]) -> None:
        """One batch of one topic; a flush goes before it when its users have no room."""
        if self.arena.room() < len(records):
            self.flush()
        view = self._view()
        self.workload.apply(view, RecordBatch(records[0].topic, self.lane, records))
        self._keep(view)

    def flush(self) -> None:
        self._visit(self.workload.before_flush)
        header = np.zeros(1, HEADER)[0]
        for key, value in [*self.arena.dirty(), *self.variable.dirty(header)]:
            if value is None:
                self.store.pop(key, None)
            else:
                self.store[key] = value
        self.arena.cleaned()
        self.variable.cleaned()
        self.flushes += 1
        view = self._view()
        self.workload.after_flush(view, self.flushes)
        self._keep(view)

    def sweep(self, now_ms: int) -> bool:
        """One visit; True: the lane would come back in a moment."""
        return bool(self._visit(lambda view: self.workload.sweep(view, now_ms)))

    def sweep_out(self, now_ms: int) -> int:
        """Visits until none is due before the next regular one. Returns how many."""
        visits = 1
        while self.sweep(now_ms):
            visits += 1
        return visits

    def crashed(self, reference: ProfilesReference, settings: Settings) -> MemoryLane:
        """The next owner, with what the last flush left."""
        return MemoryLane(reference, settings, self.store, self.lane, self.now_ms)

    def sent(self, topic: str) -> list[Output]:
        return [output for output in self.outputs if output.topic == topic]

    def row(self, kind: str, user: str) -> Any:
        """The flushed row of a user, or None."""
        value = self.store.get(kind.encode() + user.encode())
        return None if value is None else self.versions.rows(kind, [value])[0]

    def _view(self) -> WorkingCopy:
        return WorkingCopy(
            self.arena,
            self.variable,
            self.store,
            lane=self.lane,
            generation=self.generation,
            flush=self.flushes + 1,
            now_ms=self.now_ms,
            heard_ms=dict.fromkeys(APPLY, self.now_ms) if self.hears else {},
            behind=self.behind,
        )

    def _visit(self, function: Any) -> Any:
        view = self._view()
        said = function(view)
        self._keep(view)
        return said

    def _keep(self, view: WorkingCopy) -> None:
        view.commit()
        self.outputs += one_by_one([*view.outputs, *view.late_outputs])


def users_of_lane(n: int, lane: int = 0, partitions: int = 4) -> list[str]:
    """User keys that belong to a partition."""
    found = (name for i in count() if partition((name := f"u{i}").encode(), partitions) == lane)
    return [next(found) for _ in range(n)]
