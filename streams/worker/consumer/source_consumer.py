"""What a consumer knows of its source topics beside their records: how far they are read, what they lost, who
they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.broker.identity import ClusterIdentity
from streams.broker.source_change import created_anew
from streams.loud_end import end_now
from streams.metrics.lanes import EVENTS_LOST
from streams.settings import Settings
from streams.worker.consumer.progress import Progress


class SourceApp(Protocol):
    """What a consumer asks of the app that it reads for."""

    source_names: frozenset[str]
    changelog: str
    settings: Settings
    monitor: Any
    topics: Any
    rebalancing: bool
    consumer_generation_id: int


class SourceConsumer(driver.Consumer):
    """Faust's consumer with these abilities; its thread is a source_reader.SourceReader."""

    app: SourceApp

    lost: Callable[[TP, int], None] | None = None
    """Called with the number of records of a source that retention deleted before they were read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._progress = Progress()
        self._recovering: int | None = None  # generation whose assignment is in force
        self._begun: int | None = None  # generation under which the lanes began
        self._lost_until: dict[TP, int] = {}  # where reading went on behind what was lost last

    def behind(self, tp: TP, done: int) -> int:
        """Records that wait, when all before offset `done` are dealt with: up to where transactions are
        complete, and without what is no record or exists no more."""
        end = self._thread.place(tp)[1]
        return 0 if end is None else max(0, end - self.passed(tp, done))

    def passed(self, tp: TP, done: int) -> int:
        """The offset before which nothing is left to do, when all records before `done` are dealt with."""
        return self._progress.passed(tp, done)

    async def identify(self, topics: Sequence[str]) -> ClusterIdentity:
        """Who cluster and topics are now. Raises KafkaError."""
        found: ClusterIdentity = await self._thread.identify(topics)
        return found

    def _note_jumps(self) -> None:
        """Where a source no longer had what was asked for: forward, records are lost; back, it is another
        topic. What is met during a recovery is met again behind the seek that ends it, and counts once."""
        if self._begun != self._recovering:
            return
        for tp, asked, begins in self._thread.jumps.taken():
            if tp.topic not in self.app.source_names:
                continue
            if begins < asked:
                self._begin_again(tp, begins)
                continue
            first = max(asked, self._lost_until.get(tp, 0))
            if begins > first:
                self._lost_until[tp] = begins
                self._note_lost(tp, first, begins - first)

    def _note_lost(self, tp: TP, first: int, records: int) -> None:
        EVENTS_LOST.labels(tp.topic, tp.partition).inc(records)
        self.log.warning(
            "%s[%s]: up to %d records from offset %d on were deleted before they were read, and count "
            "nowhere: raise the topic's retention.ms, or start more workers",
            *(tp.topic, tp.partition, records, first),
        )
        if self.lost is not None:
            self.lost(tp, records)

    def _begin_again(self, tp: TP, begins: int) -> None:
        """A source that ends before what was read of it: with rows nothing may be applied, without all is
        read."""
        if self.app.changelog:
            end_now(created_anew(tp.topic, self.app.settings))
        self.log.warning("%s[%s] was created anew or truncated: read again from %d", *tp, begins)
        self._committed_offset[tp] = begins
        self._lost_until.pop(tp, None)

    def _note_progress(self, records: Any, active: Iterable[TP]) -> None:
        """What was taken, and where the consumer stands on partitions that gave nothing: markers, aborted
        batches and deleted records move it without a record. Before the seek that ends a recovery it may
        stand anywhere, and a commit of that place would hide what was lost."""
        if self._begun != self._recovering:
            return
        for tp, part in records.items():
            self._progress.taken(tp, part[-1].offset)
        for tp in active:
            if tp not in records and (position := self._thread.place(tp)[0]) is not None:
                self._progress.stands(tp, position)
