"""What a lane has applied and not yet made durable: changed rows, its fence, outputs on their way, events to
acknowledge."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
import numpy as np

from models.row import HEADER, Earlier, RowLayout
from streams.broker.producer import Acknowledgements, acknowledged
from streams.broker.source_change import created_anew, made_anew
from streams.lane.arena import Arena, most_changed_bytes, users_per_lane
from streams.lane.surroundings import Surroundings
from streams.lane.variable_rows import VariableRows
from streams.lane.working_copy import WorkingCopy
from streams.loud_end import RefusedError
from streams.metrics.lanes import OUTPUTS
from streams.rows.ownership import Owner
from streams.rows.row_versions import RowVersions
from streams.rows.rows_on_disk import LaneStore
from streams.unix_time import unix_ms
from streams.wire.output import ChangelogRow, Outgoing, Output

Said = TypeVar("Said")
MOST_WAITING: Final = 4_096
"""Outputs that wait for more to come, at most: a request costs the client as much as some hundred records."""
LANE_ROW: Final = b"l"
"""Row key of the lane itself: fence of every source and the number of the last flush."""


class LostRecords(msgspec.Struct, frozen=True):
    """What retention deleted of one source before it was read."""

    records: int = 0  # in all, at most
    last_ms: int = 0  # when that was last noticed, Unix ms


class LaneState(msgspec.Struct):
    """Payload of the lane's row. `versions` = newest version of each kind that was ever written in the lane:
    a build that knows less must not touch it, whatever rows its events would meet."""

    flush: int = 0
    # of the owner that wrote the row; stored under the name that it had when it was the group's generation
    term: int = msgspec.field(default=0, name="generation")
    versions: dict[str, int] = {}
    topic_ids: dict[str, str] = {}  # of the sources whose offsets the fence holds, and of the changelog
    lost: dict[str, LostRecords] = {}  # by source


def _with_versions(payload: bytes) -> bytes:
    """Version 1 did not say which versions of the other kinds are in the lane."""
    return msgspec.msgpack.encode({**msgspec.msgpack.decode(payload), "versions": {}})


def _with_sources(payload: bytes) -> bytes:
    """Version 2 did not say which topics the offsets belong to, nor what was lost of them."""
    return msgspec.msgpack.encode({**msgspec.msgpack.decode(payload), "topic_ids": {}, "lost": {}})


LANE_LAYOUT: Final = RowLayout("lane", before=(Earlier(None, _with_versions), Earlier(None, _with_sources)))


def stored_lane(store: LaneStore, versions: RowVersions) -> tuple[np.void, LaneState]:
    """The lane's own row: a header, whose fence holds the last offset of each source that the rows contain
    (-1 none), and the payload. Raises RefusedError."""
    value = store.get_many([LANE_ROW])[0]
    if value is not None:
        header = np.frombuffer(value[: HEADER.itemsize], HEADER).copy()[0]
        return header, msgspec.msgpack.decode(versions.payload(value), type=LaneState)
    fresh = np.zeros(1, HEADER)
    fresh["fence"] = -1
    return fresh[0], LaneState()


def fence_of_rows(
    store: LaneStore, number: int, changelog: str, changelog_id: str, again: list[int]
) -> np.void:
    """The stored header of a lane. Rows that were written to another changelog of that name are not all here:
    then nothing of the sources `again` (fence slots) counts as applied. Raises RefusedError."""
    header, state = _lane_on_disk(store, number)
    if not _written_to(state, changelog, changelog_id):
        header["fence"][again] = -1
    return header


def has_all_rows(store: LaneStore, number: int, changelog: str, changelog_id: str) -> bool:
    """Whether the rows of a lane were written, and to this changelog. Raises RefusedError."""
    _, state = _lane_on_disk(store, number)
    return state.flush > 0 and _written_to(state, changelog, changelog_id)


def _lane_on_disk(store: LaneStore, number: int) -> tuple[np.void, LaneState]:
    return stored_lane(store, RowVersions({LANE_ROW.decode(): LANE_LAYOUT}, number))


def _written_to(state: LaneState, changelog: str, changelog_id: str) -> bool:
    return state.topic_ids.get(changelog, changelog_id) == changelog_id


class LaneMemory:
    """Rows, fence and outputs of one lane during one assignment, in which the worker has `lanes` of them.
    Raises RefusedError when a newer build has written in the lane."""

    def __init__(
        self,
        number: int,
        generation: int,
        store: LaneStore,
        around: Surroundings,
        lanes: int,
        is_behind: Callable[[], bool],  # does as much wait and may be taken as a batch holds?
    ) -> None:
        self.number, self.generation, self.store, self.around = number, generation, store, around
        self.is_behind = is_behind
        layouts = {**around.work.workload.layouts, LANE_ROW.decode(): LANE_LAYOUT}
        self.versions, settings = RowVersions(layouts, number), around.work.settings
        kinds = self.versions.dtypes
        self.arena = Arena(self.versions, users_per_lane(settings.arena_bytes, kinds, lanes), store)
        self.variable = VariableRows(store, self.versions)
        self.user_bytes = most_changed_bytes(kinds)
        self.fence, self.state = self._stored()
        self.topic_ids, self.lost = dict(self.state.topic_ids), dict(self.state.lost)
        self.next_changelog_offset = store.offset() + 1
        self.owner = Owner(max(store.owner().term, self.state.term) + 1, generation)
        self.beaten = dict.fromkeys(store.beaten())  # keys that repair has to write again
        self.outgoing: list[Outgoing] = []
        self.late_outputs: list[Output] = []
        self.applied: list[Any] = []  # events to acknowledge at the end of the flush
        self.unflushed_since: float | None = None
        self.heard_ms: dict[str, int] = {}  # see View
        self._unacknowledged: Acknowledgements = []

    # Views

    def view(self) -> WorkingCopy:
        """A fresh working copy."""
        return WorkingCopy(
            self.arena,
            self.variable,
            self.store,
            lane=self.number,
            generation=self.owner.term,
            flush=self.state.flush + 1,
            now_ms=unix_ms(),
            heard_ms=self.heard_ms,
            behind=self.is_behind(),
        )

    def keep(self, view: WorkingCopy) -> None:
        """What a view changed becomes the lane's state."""
        view.commit()
        self.outgoing += view.outputs
        self.late_outputs += view.late_outputs

    def visit(self, function: Callable[[WorkingCopy], Said]) -> Said:
        """Run one function of the workload on a view and keep what it changed."""
        view = self.view()
        said = function(view)
        self.keep(view)
        return said

    # Outputs

    async def emit_due(self) -> None:
        """Hand finished outputs to the producer, but for those that wait for more to come."""
        if not self.outgoing:
            return
        waiting = [each for each in self.outgoing if each.waits]
        if sum(each.records for each in waiting) >= MOST_WAITING:
            await self.emit()
        elif len(waiting) < len(self.outgoing):
            ready, self.outgoing = [each for each in self.outgoing if not each.waits], waiting
            await self._hand_over(ready)

    async def emit(self) -> None:
        """Hand all finished outputs to the producer."""
        if self.outgoing:
            ready, self.outgoing = self.outgoing, []
            await self._hand_over(ready)

    async def _hand_over(self, ready: Sequence[Outgoing]) -> None:
        counts: Counter[str] = Counter()
        for each in ready:
            counts[each.topic] += each.records
        for topic, count in counts.items():
            OUTPUTS.labels(topic).inc(count)
        self._unacknowledged += await self.around.output.outputs.enqueue(ready)

    async def outputs_acknowledged(self) -> None:
        """Every output handed over is stored. Raises KafkaError."""
        await acknowledged(self._unacknowledged)
        self._unacknowledged.clear()

    # What a flush writes

    def dirty(self) -> bool:
        """Is there anything that a flush would do?"""
        return bool(
            self.applied or self._unacknowledged or self.outgoing or self.late_outputs or self.changed_bytes()
        )

    def changed_bytes(self) -> int:
        """Bytes of changed rows."""
        return self.arena.dirty_bytes + self.variable.pending_bytes

    def changed_rows(self) -> list[ChangelogRow]:
        """Every changed row, and the lane's own with the number of the flush that is about to happen."""
        self.state = LaneState(
            self.state.flush + 1, self.owner.term, self.versions.known, self.topic_ids, self.lost
        )
        self.variable.put(LANE_ROW, msgspec.msgpack.encode(self.state))
        return [*self.arena.dirty(), *self.variable.dirty(self.fence)]

    def know_topics(self, ids: Mapping[str, str]) -> None:
        """Take the ids of the sources as they are now. Raises RefusedError when one is another topic than the
        one whose offsets are in the rows."""
        if anew := made_anew(self.topic_ids, ids):
            raise RefusedError(created_anew(f"{anew}[{self.number}]", self.around.work.settings))
        self.topic_ids |= ids

    def note_lost(self, topic: str, records: int, now_ms: int) -> None:
        """Keep with the rows that records of a source were deleted unread."""
        before = self.lost.get(topic, LostRecords())
        self.lost[topic] = LostRecords(before.records + records, now_ms)
        self.variable.put(LANE_ROW, msgspec.msgpack.encode(self.state))  # so that a flush has something to do
        if self.unflushed_since is None:
            self.unflushed_since = time.monotonic()

    def cleaned(self) -> None:
        """Every changed row is durable."""
        self.arena.cleaned()
        self.variable.cleaned()

    def _stored(self) -> tuple[np.void, LaneState]:
        fence, state = stored_lane(self.store, self.versions)
        self.versions.check(state.versions)
        return fence, state
