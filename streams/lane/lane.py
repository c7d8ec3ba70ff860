"""One lane: everything of one partition number, strictly one after another, on rows in memory that a flush
makes durable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from streams.lane.append import owned, read_foreign
from streams.lane.flush import batch_bounds, fits_for_certain, fitting_records, flush, flush_due
from streams.lane.inbox import Inbox, WaitingBatch
from streams.lane.memory import LaneMemory
from streams.lane.repair import repair
from streams.lane.surroundings import Surroundings
from streams.loud_end import RefusedError
from streams.metrics.lanes import (
    ARENA_ROWS,
    BATCH_RECORDS,
    BATCH_SECONDS,
    EVENT_LATENCY_MS,
    shown_metrics_of,
)
from streams.rows.rows_on_disk import LaneStore
from streams.unix_time import unix_ms
from streams.wire.record_columns import newest_of
from streams.wire.view import MOST_SWEPT, ConsumedRecord, RecordBatch

SWEEP_S: Final = 10.0
SOON_S: Final = 0.025
"""Between two parts of a sweep that should not wait: batches have their turn."""
CATCH_UP_POLL_S: Final = 0.2
FATAL: Final = (MemoryError, OSError, RefusedError)
"""Never the fault of one record: the process ends."""


class Lane:
    """Owns rows, fence, inbox and flushes of one partition number during one assignment."""

    def __init__(
        self, number: int, generation: int, store: LaneStore, around: Surroundings, lanes: int
    ) -> None:
        self.number, self.generation, self.around = number, generation, around
        catching_up: dict[str, int] = {}  # topic -> end offset to reach before those behind it are taken
        inbox = Inbox(around.work.settings.batch_records, around.input.pause, around.input.resume)
        self.catching_up, self.inbox = catching_up, inbox

        def is_behind() -> bool:  # knows no lane: in a cycle its memory would outlive it
            return inbox.is_behind(_only(catching_up))

        self.memory = LaneMemory(number, generation, store, around, lanes, is_behind)
        self._wake = asyncio.Event()
        self._changelog_end = 0  # as last seen
        self._stopping = False

    # What the worker calls

    def put(self, event: Any) -> None:
        """A batch has arrived."""
        self.inbox.put(event, event.value.topic in self.catching_up)
        self._wake.set()

    def set_catch_up(self, topic: str, end: int | None) -> None:
        """Batches of `topic` up to offset `end` go before all topics that are not caught up, in the order in
        which they were set; None = it is at its end already."""
        if end is not None:
            self.catching_up[topic] = end
        elif topic in self.catching_up:
            self._caught_up(topic)

    def note_lost(self, topic: str, records: int) -> None:
        """Records of a source were deleted unread."""
        self.memory.note_lost(topic, records, unix_ms())
        self._wake.set()

    def heard(self, topic: str, at_ms: int) -> None:
        """What stood on a source at `at_ms` is applied."""
        self.memory.heard_ms[topic] = at_ms

    def stop(self) -> None:
        """Finish the batch at hand, flush, end."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Until stopped: batches, sweeps and flushes in turn. Any exception means that the lane is at its
        end."""
        await repair(self.memory)
        self.memory.visit(self.around.work.workload.assigned)
        await self.memory.emit()
        next_sweep = time.monotonic() + SWEEP_S
        while not self._stopping:
            await owned(self.memory)
            if flush_due(self.memory):
                await flush(self.memory)
            elif self._has_foreign_rows():
                await self._overwrite_foreign()
            elif time.monotonic() >= next_sweep:
                more = await self._sweep()
                next_sweep = time.monotonic() + (SOON_S if more else SWEEP_S)
            elif (waiting := self.inbox.take(_only(self.catching_up))) is not None:
                await self._process(waiting)
                if self.inbox:  # else it idles, which lets the others run as well
                    await asyncio.sleep(0)
            else:
                await self._idle(next_sweep)
        for event in self.inbox.events():
            self.around.input.abandon(event)
        await flush(self.memory)
        self._changelog_end = await self.around.input.changelog_end(self.number)
        await self._overwrite_foreign()

    # The changelog

    def changelog_ends_at(self, end: int) -> None:
        """Somebody has looked: more than this lane wrote is another writer's."""
        self._changelog_end = end
        self._wake.set()

    def _has_foreign_rows(self) -> bool:
        return bool(self.memory.beaten) or self._changelog_end > self.memory.next_changelog_offset

    async def _overwrite_foreign(self) -> None:
        if self._changelog_end > self.memory.next_changelog_offset:
            await read_foreign(self.memory, self._changelog_end)
        await repair(self.memory)

    # Batches

    async def _process(self, waiting: WaitingBatch) -> None:
        batch = waiting.batch
        started = time.monotonic()
        rest: RecordBatch | None = batch
        while rest is not None:
            portion, rest = rest.split(await self._room_for(rest.records))
            self._apply(portion)
            self._advance(portion)
        for event in waiting.events:
            event.value = event.message.value = None  # kept for its acknowledgement only
        self.memory.applied += waiting.events
        if self.memory.unflushed_since is None:
            self.memory.unflushed_since = started
        self._measure(batch, time.monotonic() - started)
        await self.memory.emit_due()
        self.around.work.fail_point.passed("after_apply")

    async def _room_for(self, records: Sequence[ConsumedRecord]) -> int:
        """How many of the records may be applied, after a flush if there must be one."""
        if fits_for_certain(self.memory, records):
            return len(records)
        bounds = batch_bounds(self.memory, records)
        while not (fit := fitting_records(self.memory, bounds)):
            await flush(self.memory)
        return fit

    def _apply(self, batch: RecordBatch) -> None:
        """The whole batch, or by halves down to the bad record, which becomes a dead letter."""
        view = self.memory.view()
        try:
            self.around.work.workload.apply(view, batch)
        except FATAL:
            raise
        except Exception as error:
            if len(batch.records) == 1:
                self.memory.outgoing.append(self.around.work.dead_letter(batch.records[0], error))
                return
            for half in batch.split(len(batch.records) // 2):
                if half is not None:
                    self._apply(half)
        else:
            self.memory.keep(view)

    def _advance(self, batch: RecordBatch) -> None:
        last, slot = newest_of(batch.records).offset, self.around.input.sources[batch.topic]
        if slot is not None:
            self.memory.fence["fence"][slot] = max(int(self.memory.fence["fence"][slot]), last)
        if last + 1 >= self.catching_up.get(batch.topic, last + 2):
            self._caught_up(batch.topic)

    def _caught_up(self, topic: str) -> None:
        del self.catching_up[topic]
        self._wake.set()

    def _measure(self, batch: RecordBatch, seconds: float) -> None:
        newest = newest_of(batch.records)
        records, applied_offset = shown_metrics_of(batch.topic, batch.partition)
        records.inc(len(batch.records))
        applied_offset.set(newest.offset)
        BATCH_RECORDS.observe(len(batch.records))
        BATCH_SECONDS.observe(seconds)
        EVENT_LATENCY_MS.observe(max(0.0, unix_ms() - newest.time_ms))

    # Timers

    async def _sweep(self) -> bool:
        if self.memory.arena.room() < MOST_SWEPT:
            await flush(self.memory)
        now_ms = unix_ms()
        more = self.memory.visit(lambda view: self.around.work.workload.sweep(view, now_ms))
        await self.memory.emit()
        if self.memory.dirty() and self.memory.unflushed_since is None:
            self.memory.unflushed_since = time.monotonic()
        ARENA_ROWS.labels(self.number).set(len(self.memory.arena))
        return more

    async def _idle(self, until: float) -> None:
        """Until something arrives or a timer is due."""
        if self.memory.unflushed_since is not None:
            until = min(until, self.memory.unflushed_since + self.around.work.settings.flush_interval_s)
        wait_s = max(0.0, until - time.monotonic())
        if self.catching_up:
            wait_s = min(wait_s, CATCH_UP_POLL_S)
        self._wake.clear()
        timer = asyncio.get_running_loop().call_later(wait_s, self._wake.set)
        await self._wake.wait()
        timer.cancel()
        if self.catching_up and not self.inbox.next(_only(self.catching_up)):
            await self._check_positions()

    async def _check_positions(self) -> None:
        """A topic may end in records that no longer exist: then the consumer stands at its end and nothing
        arrives."""
        for topic, end in list(self.catching_up.items()):
            arrived = self.inbox.waits(topic)
            at = await self.around.input.position(topic, self.number)
            await asyncio.sleep(CATCH_UP_POLL_S)
            if at >= end and not arrived and not self.inbox.waits(topic) and topic in self.catching_up:
                self._caught_up(topic)


def _only(catching_up: Mapping[str, int]) -> str | None:
    """The one topic that may be taken now, None = any."""
    return next(iter(catching_up), None)
