"""Lanes of one worker: begun when an assignment is recovered, fed by one Faust agent, flushed before it is
given up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from faust.types import TP

from streams.broker.producer import ChangelogProducer, OutputProducer
from streams.broker.source_change import created_anew
from streams.lane.append import LaneLostError
from streams.lane.arena import LEAST_USERS, slot_bytes
from streams.lane.fail_point import FailPoint
from streams.lane.lane import FATAL, Lane
from streams.lane.memory import fence_of_rows, has_all_rows
from streams.lane.surroundings import LaneOutput, LaneStanding, LaneWork, Surroundings
from streams.loud_end import RefusedError, end_now, line_of
from streams.metrics.lanes import LANES, REBALANCES
from streams.tasks.cancelled import cancelled
from streams.topics import CONSENT, CREATIVE, PRIVACY_REQUEST
from streams.wire.dead_letters import dead_letter
from streams.wire.output import Output
from streams.wire.refusals import Reason, Rejected
from streams.wire.view import ConsumedRecord, Workload
from streams.worker.heap import settle_heap
from streams.worker.stream_input import StreamInput
from streams.worker.watching import Watching

if TYPE_CHECKING:
    from streams.worker.app import BatchApp

_FIRST: Final = (CONSENT.name, PRIVACY_REQUEST.name, CREATIVE.name)
"""Applied up to their end at assignment, in this order, before any other topic: what a user refused must be
known before events are learnt, and what a user allowed before a creative is judged."""
DRAIN_POLL_S: Final = 0.2
STOP_S: Final = 20.0
"""A stop that a broker does not answer ends without its flush."""
SLEPT: Final = (
    "this process was stopped for longer than its session: its lanes may belong to another worker. What it "
    "had not flushed is dropped, and read again by their owner; start the worker again"
)
NOT_FLUSHED: Final = (
    "The group was formed anew while its coordinator did not answer: what this worker had not flushed is "
    "read again by whoever owns it now"
)


def attach(app: BatchApp, workload: Workload) -> LaneEngine:
    """Let `workload` run over the app's sources; call once, at import."""
    if "l" in workload.layouts:
        raise ValueError("kind 'l' is the lane's own row")
    engine = LaneEngine(app, workload)
    app.lost = engine.note_lost
    app.begin, app.drain, app.connect, app.disconnect = engine.begin, engine.drain, engine.start, engine.stop
    app.sought = engine.read_again
    app.unhealthy = lambda: engine.watching.liveness.complaint(time.monotonic())

    async def lanes(stream: Any) -> None:
        manual = engine.stream = stream.noack()
        async for event in manual.events():
            engine.deliver(event)

    app.agent(app.source_topic(), name="lanes")(lanes)
    return engine


class LaneEngine:
    """Everything around the lanes of this process."""

    def __init__(self, app: BatchApp, workload: Workload) -> None:
        self.app, self.settings, self.workload = app, app.settings, workload
        self.table = app.rows_table()
        self.outputs = OutputProducer(self.settings)
        self.changelog = ChangelogProducer(self.settings, self.table.changelog_topic_name)
        self.lanes: dict[int, Lane] = {}
        self.stream: Any = None
        self.watching = Watching(app, self.table, lambda: self.lanes)
        self.fail: Callable[[str], None] = end_now
        self._tasks: dict[asyncio.Task[None], int] = {}  # of lanes -> generation
        self._lost = 0  # the last generation whose lanes were lost
        self._fences: dict[int, np.void] = {}  # of the rows as this assignment found them, by partition

    async def start(self) -> None:
        """Connect the producers. No lane is held yet that looking through the heap could hold up."""
        settle_heap()
        await self.outputs.start()
        await self.changelog.start()

    async def stop(self) -> None:
        """Disconnect; the lanes have been drained."""
        await self.watching.stop()
        await self.outputs.stop()
        await self.changelog.stop()

    def begin(self, generation: int) -> None:
        """State is recovered and sources are sought: a lane per assigned partition number."""
        assigned = {tp for tp in self.app.consumer.assignment() if tp.topic in self.app.source_names}
        numbers = sorted({tp.partition for tp in assigned})
        REBALANCES.inc()
        LANES.set(len(numbers))
        self._warn_of_memory(len(numbers))
        around = self._surroundings()
        try:
            for number in numbers:
                self._guarded(
                    self._begin_lane(number, generation, around, len(numbers), assigned), generation
                )
        except Exception as error:
            self.fail(line_of(error))
            return
        self.watching.begin()

    def _warn_of_memory(self, lanes: int) -> None:
        """More lanes than SHIFTCAST_ARENA_BYTES has room for work all the same, and take more."""
        kinds = {kind: each.dtype for kind, each in self.workload.layouts.items() if each.dtype is not None}
        least_bytes = lanes * LEAST_USERS * slot_bytes(kinds)
        if least_bytes > self.settings.arena_bytes:
            self.app.log.warning(
                "%d lanes take %d MiB or more, SHIFTCAST_ARENA_BYTES is %d MiB: raise it, or start workers",
                *(lanes, least_bytes >> 20, self.settings.arena_bytes >> 20),
            )

    def _begin_lane(
        self, number: int, generation: int, around: Surroundings, lanes: int, assigned: set[TP]
    ) -> Coroutine[Any, Any, None]:
        lane = self.lanes[number] = Lane(number, generation, self.table.data.lane(number), around, lanes)
        lane.memory.fence = self._fences[number]
        lane.memory.topic_ids[self.app.changelog] = self.app.changelog_id
        sources = [tp for tp in assigned if tp.partition == number]
        names = {tp.topic for tp in sources}
        lane.catching_up = {topic: 1 << 62 for topic in _FIRST if topic in names}

        async def run() -> None:
            await self._look_at_ends(lane, sources)
            await lane.run()

        return run()

    async def read_again(self) -> None:
        """What lanes must know first, and what its topic keeps for each key, is read from where their rows
        stand, not from where the group has committed: what lost rows held would never come again."""
        app, consumer = self.app, self.app.consumer
        assigned = [tp for tp in consumer.assignment() if tp.topic in app.sources]
        kept = {spec.name for spec in app.specs if spec.name in _FIRST or spec.compacted}
        again = [slot for topic, slot in app.sources.items() if topic in kept and slot is not None]
        self._fences = {
            n: fence_of_rows(self.table.data.lane(n), n, app.changelog, app.changelog_id, again)
            for n in {tp.partition for tp in assigned}
        }
        whole = {
            n: has_all_rows(self.table.data.lane(n), n, app.changelog, app.changelog_id) for n in self._fences
        }
        sought = [
            tp
            for tp in assigned
            if tp.topic in kept and (app.sources[tp.topic] is not None or not whole[tp.partition])
        ]
        begins = await consumer.earliest_offsets(*sought) if sought else {}
        for tp in sought:
            applied = self._applied(self._fences[tp.partition], tp.topic)
            at, committed = max(applied + 1, int(begins.get(tp) or 0)), consumer.committed(tp) or 0
            if at < committed:
                self.app.log.warning(
                    "%s[%d] is read again from offset %d, where the rows of its lane stand; %d is committed",
                    *(tp.topic, tp.partition, at, committed),
                )
                await consumer.seek(tp, at)

    def note_lost(self, tp: TP, records: int) -> None:
        """Records of a source were deleted unread: its lane keeps that, for `shiftcast check`."""
        if (lane := self.lanes.get(tp.partition)) is not None:
            lane.note_lost(tp.topic, records)

    async def drain(self) -> None:
        """Finish the batches at hand, flush, forget the rows; of lanes that are lost, forget the rows."""
        lanes, self.lanes = self.lanes, {}
        for lane in lanes.values():
            lane.stop()
        began, standing = time.monotonic(), self.app.consumer.membership.standing
        while self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_POLL_S)
            lost = [
                task for task, generation in self._tasks.items() if standing(generation) is LaneStanding.LOST
            ]
            if lost:
                self._lose(self._tasks[lost[0]])
                await cancelled(*lost)
            elif self.app.should_stop and time.monotonic() - began > STOP_S:
                self.fail(
                    f"no answer from {self.settings.broker} for {STOP_S:.0f} s: stopped without a last "
                    "flush. Nothing is lost: the next start reads those events again"
                )

    def _lose(self, generation: int) -> None:
        """The coordinator does not know this member any more. After a sleep of its own the process ends;
        after a silence of the broker it begins anew, with what the next assignment gives it."""
        if self.app.consumer.membership.slept():
            self.fail(SLEPT)
        elif generation != self._lost:
            self._lost = generation
            self.app.log.info("%s", NOT_FLUSHED)

    def deliver(self, event: Any) -> None:
        """A batch came out of the agent's stream."""
        lane = self.lanes.get(event.message.partition)
        if lane is None or event.message.generation_id != lane.generation:
            self.app.consumer.abandon(event.message)
        else:
            lane.put(event)

    def _guarded(self, work: Coroutine[Any, Any, None], generation: int) -> None:
        """Run a lane; whatever it raises ends the process with one line."""

        async def run() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except LaneLostError:
                self._lose(generation)
            except BaseException as error:
                self.app.log.debug("lane failed", exc_info=True)
                self.fail(line_of(error))

        task = asyncio.ensure_future(run())
        self._tasks[task] = generation
        task.add_done_callback(self._tasks.pop)

    async def _look_at_ends(self, lane: Lane, sources: list[TP]) -> None:
        """Refuse a lane that is ahead of its topics; find how far the first topics must be applied."""
        consumer = self.app.consumer
        lane.memory.know_topics(await self.app.source_ids())
        ends = await consumer.highwaters(*sources)
        begins = await consumer.earliest_offsets(*sources)
        for tp in sources:
            end, committed = int(ends.get(tp) or 0), consumer.committed(tp) or 0
            applied = self._applied(lane.memory.fence, tp.topic)
            if applied >= end or committed > end:
                where = f"{tp.topic}[{tp.partition}] ends at offset {end}, {applied + 1} are applied"
                raise RefusedError(
                    f"{where} and {committed} committed: {created_anew(tp.topic, self.settings)}"
                )
            if tp.topic in lane.catching_up:
                done = max(min(committed, applied + 1), int(begins.get(tp) or 0)) >= end
                lane.set_catch_up(tp.topic, None if done else end)

    def _applied(self, fence: np.void, topic: str) -> int:
        """Last offset of a source that the rows are known to contain, -1 none."""
        slot = self.app.sources[topic]
        return -1 if slot is None else int(fence["fence"][slot])

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            LaneWork(self.workload, self.settings, self._dead_letter, FailPoint(self.settings.fail_point)),
            StreamInput(self.app.consumer, self.stream, self.app.sources, self.table.changelog_topic_name),
            LaneOutput(self.outputs, self.changelog),
        )

    def _dead_letter(self, record: ConsumedRecord, error: Exception) -> Output:
        if isinstance(error, Rejected):
            stage, reason, message = error.stage, error.reason, error.message
        else:
            stage, reason, message = "apply", Reason.APPLY_FAILED, type(error).__name__
        where = (record.topic, record.partition, record.offset)
        self.app.log.warning("dead letter: %s[%s]@%s %s: %s", *where, stage, line_of(error))
        self.app.log.debug("dead letter", exc_info=error)
        return dead_letter(record, self.app.conf.id, stage, reason, message)


__all__ = ["FATAL", "LaneEngine", "attach"]
