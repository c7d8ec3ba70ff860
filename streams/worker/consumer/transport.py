"""Faust's consumer, delivering one message per batch of one partition, with commits that cannot pass an
unacknowledged batch.

Overrides private methods of faust-streaming 0.15.3 and aiokafka 0.14; tests/streams/worker/test_contracts.py
guards each of them.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from faust.types import TP, ConsumerMessage
from mode.services import Service

from streams.broker.batches.fetched import UNSTAMPED, judged_by_arrival
from streams.lane.fail_point import FailPoint
from streams.loud_end import end_now
from streams.metrics.lanes import COMMITTED_OFFSET
from streams.unix_time import unix_ms
from streams.wire.view import RecordBatch
from streams.worker.consumer.fetching import FetchingConsumer
from streams.worker.consumer.membership import Membership
from streams.worker.consumer.thread import BatchConsumerThread
from streams.worker.few_lines import Unanswered

CHANGELOG_RECORDS: Final = 2000
"""Rows per message of a recovery: larger batches drop more rows that newer ones replace."""


class BatchConsumer(FetchingConsumer):
    """Batches for the app's sources and changelogs; single messages for any other topic."""

    drain: Callable[[], Awaitable[None]] | None = None
    """Awaited before partitions are given up, by a rebalance or a stop: flushes what was applied."""

    sought: Callable[[], Awaitable[None]] | None = None
    """Awaited when state is recovered and sources stand at their commits, before anything is fetched: may
    seek."""

    begin: Callable[[int], None] | None = None
    """Called with the generation when state is recovered and sources are sought, before the first message."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._inflight: dict[TP, dict[int, bool]] = defaultdict(
            dict
        )  # last offset of each delivered batch -> acknowledged
        self._dropped: set[TP] = set()  # sources that lost fetched records and were not sought since
        self.assigned_at = time.monotonic()
        self.fail_point = FailPoint(self.app.settings.fail_point)
        self.batch_records: int = self.app.settings.batch_records

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # What is delivered

    def batched(self, tp: TP) -> bool:
        """Does this partition arrive as RecordBatches?"""
        return tp.topic in self.app.source_names or self._is_changelog_tp(tp)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Fetched records in chunks, all partitions in turn. Records left over when the flow stops are
        dropped: a seek follows.

        Nor is anything delivered that was fetched before a rebalance or a seek: the same records come again,
        and in order.
        """
        records, active = await self._wait_next_records(timeout)
        self._note_jumps()
        self._note_progress(records, active or ())
        if not records or self.should_stop:
            return
        begun_under = generation, seeks = self._begun_under
        todo = deque(
            (tp, 0, part)
            for tp, part in records.items()
            if active is None or tp in active or tp in self._buffered_partitions
        )
        while todo:
            if not self.flow_active or self._under() != begun_under:
                await self._put_back_changelogs(todo, generation, seeks)
                return
            tp, start, part = todo.popleft()
            if tp in self._dropped:
                end_now(
                    f"{tp.topic}[{tp.partition}]: fetched records were dropped and not read again; start "
                    "the worker again"
                )
            end = start + self._step(tp)
            if end < len(part):
                todo.append((tp, end, part))
            if start == 0:
                self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
            yield tp, self._message(tp, part[start:end], generation)

    def _step(self, tp: TP) -> int:
        """Records per message of a partition."""
        if self._is_changelog_tp(tp):
            return CHANGELOG_RECORDS
        return self.batch_records if self.batched(tp) else 1

    def _message(self, tp: TP, part: Sequence[Any], generation: int) -> ConsumerMessage:
        if not self.batched(tp):
            return self._to_message(tp, part[0])
        last = part[-1]
        if tp in UNSTAMPED and tp.topic in self.app.source_names:
            part = judged_by_arrival(part, unix_ms())
        batch = RecordBatch(tp.topic, tp.partition, part)
        if self.app.topics.acks_enabled_for(tp.topic):
            self._inflight[tp][last.offset] = False
        stamp = last.timestamp / 1e3
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            stamp,
            last.timestamp_type,
            (),
            None,
            batch,
            None,
            0,
            0,
            tp,
            generation_id=generation,
        )

    async def _put_back_changelogs(
        self, todo: Iterable[tuple[TP, int, Sequence[Any]]], generation: int, seeks: int
    ) -> None:
        """Sources are sought to their commits after every stop of the flow; a changelog being read must not
        lose records."""
        for tp, start, part in todo:
            if not self._is_changelog_tp(tp):
                if self._seeks == seeks:
                    self._dropped.add(tp)
            elif self.app.consumer_generation_id == generation and tp in self.assignment():
                await self._seek(tp, part[start].offset)

    # What is committed

    def ack(self, message: Any) -> bool:
        """A batch is durable."""
        first: bool = super().ack(message)
        self.abandon(message)  # Faust keeps waiting for what was read again from before the commit
        inflight = self._inflight.get(message.tp)
        if inflight is not None and message.offset in inflight:
            inflight[message.offset] = True
        return first

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        if not self.batched(tp):
            await super()._add_gap(tp, offset_from, offset_to)

    def _new_offset(self, tp: TP) -> int | None:
        """The offset behind the last batch up to which every delivered batch is acknowledged."""
        if not self.batched(tp):
            return super()._new_offset(tp)
        inflight, offset = self._inflight[tp], None
        for last, done in list(inflight.items()):
            if not done:
                break
            offset = last + 1
            del inflight[last]
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        if inflight:
            return offset
        committed = self._committed_offset[tp] or 0
        passed = self._progress.passed(tp, committed if offset is None else offset)
        return passed if passed > committed else offset

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        stood = {tp for tp in self._progress if tp.topic in self.app.source_names}
        tps = set(self._acked) | set(self._inflight) | stood
        return (tp for tp in tps if topics is None or tp in topics or tp.topic in topics)

    async def _commit(self, offsets: Any) -> bool:
        done: bool = await super()._commit(offsets)
        if done:
            for tp, offset in offsets.items():
                COMMITTED_OFFSET.labels(tp.topic, tp.partition).set(offset - 1)
            self.fail_point.passed("committed")
        return done

    # Rebalance and stop

    async def perform_seek(self) -> None:
        """The last step of a recovery: sources to their commits; then the lanes may begin, unless another
        rebalance came.

        Faust resumes the flow right after. A fetch in flight ends before: one that went on would return
        records from behind the seek, and while the flow is stopped they are dropped.
        """
        generation = self._recovering
        self.stop_flow()
        await self._no_fetch.wait()
        self._seeks += 1
        self._inflight.clear()
        self._progress.clear()
        self._thread.jumps.forget()
        await super().perform_seek()
        await self._seek_uncommitted()
        if self.sought is not None:
            await self.sought()
        self._dropped.clear()
        if generation is not None and generation == self._recovering:
            self._begin_under(generation)

    async def _seek_uncommitted(self) -> None:
        """Sources of which nothing was committed yet: aiokafka seeks them nowhere, and what a fetch in flight
        brought, which is dropped, would never come again."""
        without = [
            tp
            for tp in self.assignment()
            if tp.topic in self.app.source_names and not self._read_offset.get(tp)
        ]
        if without:
            for tp, first in (await self.earliest_offsets(*without)).items():
                await self._seek(TP(*tp), first)

    def begin_idle(self) -> None:
        """An assignment without partitions is in force: Faust recovers and seeks nothing then."""
        if self._recovering is not None and self._recovering != self._begun and not self.assignment():
            self._begin_under(self._recovering)

    def _begin_under(self, generation: int) -> None:
        self._begun = generation
        if self.begin is not None:
            self.begin(generation)

    def committed(self, tp: TP) -> int | None:
        """Where this member began or committed last; None = nothing was ever committed."""
        return self._committed_offset[tp]

    def abandon(self, message: Any) -> None:
        """A delivered batch that will not be processed here: neither acknowledged nor waited for."""
        self._unacked_messages.discard(message)

    async def wait_empty(self) -> None:
        if self.drain is not None:
            await self.drain()
        await super().wait_empty()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Flush and commit while the partitions are still ours."""
        self._recovering = None
        if self.drain is not None:
            await self.drain()
        await self.commit()
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._inflight.pop(tp, None)
            self._progress.forget(tp)
        self._buffered_partitions.clear()

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Faust resumes the sources, then seeks, then clears the queues: nothing may arrive in between."""
        tps = set(tps)
        super().resume_partitions(tps)
        if self.app.rebalancing and any(not self._is_changelog_tp(tp) for tp in tps):
            self.stop_flow()

    # Membership

    @Service.task
    async def _watch_broker(self) -> None:
        """Say when it is away."""
        unanswered = Unanswered(self.app.settings.broker)
        while not self.should_stop:
            await self.sleep(1.0)
            if self.membership.confirmed_s:
                unanswered.look(time.monotonic(), self.membership.unanswered_s())

    @property
    def membership(self) -> Membership:
        """What is known of it."""
        membership: Membership = self._thread.membership
        return membership

    def heartbeat_age_s(self) -> float:
        """s since the coordinator accepted a heartbeat of this member."""
        return self.membership.age_s()

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self.assigned_at = time.monotonic()
        self.membership.joined()
        self._recovering = generation_id  # before Faust's part: a short recovery ends before that returns
        await super().on_partitions_assigned(assigned, generation_id)
