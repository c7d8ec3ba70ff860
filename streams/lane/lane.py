"""One lane: everything of one partition number, strictly one after another, on rows in memory that a flush
makes durable."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import msgspec
import numpy as np

from models.row import HEADER
from streams import metrics
from streams.broker.producer import Acknowledgements, ChangelogProducer, OutputProducer
from streams.lane import flush
from streams.lane.arena import Arena, most_changed_bytes, slot_bytes
from streams.lane.fail_point import FailPoint
from streams.lane.inbox import Inbox, WaitingBatch
from streams.lane.store import LaneStore
from streams.lane.variable_rows import VariableRows, payload
from streams.lane.working_copy import WorkingCopy
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.wire.output import Output
from streams.wire.view import ConsumedRecord, RecordBatch, Workload

LANE_ROW: Final = b"l"
"""Row key of the lane itself: fence of every source and the number of the last flush."""
SWEEP_S: Final = 10.0
CATCH_UP_POLL_S: Final = 0.2
FATAL: Final = (MemoryError, OSError, RefusedError)
"""Never the fault of one record: the process ends."""


class LaneState(msgspec.Struct):
    """Payload of the lane's row."""

    flush: int = 0
    generation: int = 0


@dataclass(frozen=True)
class Surroundings:
    """What a lane needs from its worker."""

    workload: Workload
    sources: Mapping[str, int]  # topic -> fence slot
    settings: Settings
    changelog_topic: str
    outputs: OutputProducer
    changelog: ChangelogProducer
    fail_point: FailPoint
    dead_letter: Callable[[ConsumedRecord, Exception], Output]
    still_owner: Callable[[int], bool]  # generation -> is the membership valid?
    pause: Callable[[Any], None]  # stop fetching a partition
    resume: Callable[[Any], None]
    acknowledge: Callable[[Any], Awaitable[None]]  # an event is durable
    abandon: Callable[[Any], None]  # an event will not be processed here
    position: Callable[[str, int], Awaitable[int]]  # of the consumer
    foreign_keys: Callable[
        [int, int, int], Awaitable[list[bytes]]
    ]  # partition, from, to -> keys in the changelog


class Lane:
    """Owns rows, fence, inbox and flushes of one partition number during one assignment."""

    def __init__(
        self, number: int, generation: int, store: LaneStore, around: Surroundings, lanes: int
    ) -> None:
        self.number, self.generation, self.store, self.around = number, generation, store, around
        kinds, settings = around.workload.kinds, around.settings
        capacity = settings.arena_bytes // slot_bytes(kinds) // lanes
        if capacity < 2 * settings.batch_records:
            raise RefusedError(
                f"SHIFTCAST_ARENA_BYTES is {settings.arena_bytes}: {lanes} partitions need at least "
                f"{2 * settings.batch_records * slot_bytes(kinds) * lanes}"
            )
        self.arena = Arena(kinds, capacity, store, around.workload.upgrade)
        self.variable = VariableRows(store)
        self.user_bytes = most_changed_bytes(kinds)
        self.fence, self.state = self._stored()
        self.next_changelog_offset = store.offset() + 1
        self.outgoing: list[Output] = []
        self.late_outputs: list[Output] = []
        self.unacknowledged: Acknowledgements = []
        self.applied: list[Any] = []  # events to acknowledge at the end of the flush
        self.unflushed_since: float | None = None
        self.catching_up: dict[str, int] = {}  # topic -> end offset to reach before other topics are taken
        self.inbox = Inbox(settings.batch_records, around.pause, around.resume)
        self._wake = asyncio.Event()
        self._stopping = False

    # What the worker calls

    def put(self, event: Any) -> None:
        """A batch has arrived."""
        self.inbox.put(event, event.value.topic in self.catching_up)
        self._wake.set()

    def set_catch_up(self, topic: str, end: int | None) -> None:
        """Batches of `topic` up to offset `end` go before all other topics; None = it is at its end
        already."""
        if end is not None:
            self.catching_up[topic] = end
        elif topic in self.catching_up:
            self._caught_up(topic)

    def stop(self) -> None:
        """Finish the batch at hand, flush, end."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Until stopped: batches, sweeps and flushes in turn. Any exception means the process must end."""
        self.visit(self.around.workload.assigned)
        await self.emit()
        next_sweep = time.monotonic() + SWEEP_S
        while not self._stopping:
            if flush.flush_due(self, self._next()):
                await flush.flush(self)
            elif time.monotonic() >= next_sweep:
                next_sweep = time.monotonic() + SWEEP_S
                await self._sweep()
            elif (waiting := self.inbox.take(bool(self.catching_up))) is not None:
                await self._process(waiting)
                if self.inbox:  # else it idles, which lets the others run as well
                    await asyncio.sleep(0)
            else:
                await self._idle(next_sweep)
        for event in self.inbox.events():
            self.around.abandon(event)
        await flush.flush(self)

    # Views

    def view(self) -> WorkingCopy:
        """A fresh working copy of this lane."""
        return WorkingCopy(
            self.arena,
            self.variable,
            self.store,
            lane=self.number,
            generation=self.generation,
            flush=self.state.flush + 1,
            now_ms=int(time.time() * 1000),
            behind=self.inbox.is_behind(),
        )

    def visit(self, function: Callable[[WorkingCopy], None]) -> None:
        """Run one function of the workload on a view and keep what it changed."""
        view = self.view()
        function(view)
        self._keep(view)

    async def emit(self) -> None:
        """Hand finished outputs to the producer."""
        if self.outgoing:
            for topic, count in Counter([output.topic for output in self.outgoing]).items():
                metrics.OUTPUTS.labels(topic).inc(count)
            ready, self.outgoing = self.outgoing, []
            self.unacknowledged += await self.around.outputs.enqueue(ready)

    def dirty(self) -> bool:
        """Is there anything that a flush would do?"""
        return bool(
            self.applied or self.unacknowledged or self.outgoing or self.late_outputs or self.changed_bytes()
        )

    def changed_bytes(self) -> int:
        """Bytes of changed rows."""
        return self.arena.dirty_bytes + self.variable.pending_bytes

    # Batches

    def _keep(self, view: WorkingCopy) -> None:
        view.commit()
        self.outgoing += view.outputs
        self.late_outputs += view.late_outputs

    def _next(self) -> RecordBatch | None:
        """The batch that would be taken now."""
        waiting = self.inbox.next(bool(self.catching_up))
        return None if waiting is None else waiting.batch

    async def _process(self, waiting: WaitingBatch) -> None:
        batch = waiting.batch
        started = time.monotonic()
        most, done = flush.most_batch_bytes(self, batch.records), 0
        while done < len(most):
            fit = flush.fitting(self, most, done)
            if not fit:
                await flush.flush(self)
                continue
            whole = fit >= len(most)
            portion = (
                batch
                if whole
                else RecordBatch(batch.topic, batch.partition, batch.records[done : done + fit])
            )
            self._apply(portion)
            self._advance(portion)
            done += fit
        for event in waiting.events:
            event.value = event.message.value = None  # kept for its acknowledgement only
        self.applied += waiting.events
        if self.unflushed_since is None:
            self.unflushed_since = started
        self._measure(batch, time.monotonic() - started)
        await self.emit()
        self.around.fail_point.passed("after_apply")

    def _apply(self, batch: RecordBatch) -> None:
        """The whole batch, or by halves down to the bad record, which becomes a dead letter."""
        view = self.view()
        try:
            self.around.workload.apply(view, batch)
        except FATAL:
            raise
        except Exception as error:
            if len(batch.records) == 1:
                self.outgoing.append(self.around.dead_letter(batch.records[0], error))
                return
            middle = len(batch.records) // 2
            self._apply(RecordBatch(batch.topic, batch.partition, batch.records[:middle]))
            self._apply(RecordBatch(batch.topic, batch.partition, batch.records[middle:]))
        else:
            self._keep(view)

    def _advance(self, batch: RecordBatch) -> None:
        last, slot = batch.records[-1].offset, self.around.sources[batch.topic]
        self.fence["fence"][slot] = max(int(self.fence["fence"][slot]), last)
        if last + 1 >= self.catching_up.get(batch.topic, last + 2):
            self._caught_up(batch.topic)

    def _caught_up(self, topic: str) -> None:
        del self.catching_up[topic]
        self._wake.set()

    def _measure(self, batch: RecordBatch, seconds: float) -> None:
        last = batch.records[-1]
        records, applied_offset = _metrics_of(batch.topic, batch.partition)
        records.inc(len(batch.records))
        applied_offset.set(last.offset)
        metrics.BATCH_RECORDS.observe(len(batch.records))
        metrics.BATCH_SECONDS.observe(seconds)
        metrics.EVENT_LATENCY_MS.observe(max(0.0, time.time() * 1000 - last.timestamp))

    # Timers

    async def _sweep(self) -> None:
        now_ms = int(time.time() * 1000)
        self.visit(lambda view: self.around.workload.sweep(view, now_ms))
        await self.emit()
        if self.dirty() and self.unflushed_since is None:
            self.unflushed_since = time.monotonic()
        metrics.ARENA_ROWS.labels(self.number).set(len(self.arena))

    async def _idle(self, until: float) -> None:
        """Until something arrives or a timer is due."""
        if self.unflushed_since is not None:
            until = min(until, self.unflushed_since + self.around.settings.flush_interval_s)
        wait_s = max(0.0, until - time.monotonic())
        if self.catching_up:
            wait_s = min(wait_s, CATCH_UP_POLL_S)
        self._wake.clear()
        timer = asyncio.get_running_loop().call_later(wait_s, self._wake.set)
        await self._wake.wait()
        timer.cancel()
        if self.catching_up and not self.inbox.next(True):
            await self._check_positions()

    async def _check_positions(self) -> None:
        """A topic may end in records that no longer exist: then the consumer stands at its end and nothing
        arrives."""
        for topic, end in list(self.catching_up.items()):
            arrived = self.inbox.waits(topic)
            at = await self.around.position(topic, self.number)
            await asyncio.sleep(CATCH_UP_POLL_S)
            if at >= end and not arrived and not self.inbox.next(True) and topic in self.catching_up:
                self._caught_up(topic)

    # The lane's own row

    def _stored(self) -> tuple[np.void, LaneState]:
        value = self.store.get_many([LANE_ROW])[0]
        if value is not None:
            fence = np.frombuffer(value[: HEADER.itemsize], HEADER).copy()
            return fence[0], msgspec.msgpack.decode(payload(value), type=LaneState)
        fence = np.zeros(1, HEADER)
        fence["fence"] = -1
        return fence[0], LaneState()

    def note_flush(self) -> None:
        """Write the lane's own row with the flush that is about to happen."""
        self.state = LaneState(self.state.flush + 1, self.generation)
        self.variable.put(LANE_ROW, msgspec.msgpack.encode(self.state))


@cache
def _metrics_of(topic: str, partition: int) -> tuple[Any, Any]:
    """Records and applied offset of a partition; looked up once, for that costs a lock."""
    return metrics.RECORDS.labels(topic), metrics.APPLIED_OFFSET.labels(topic, partition)
