"""Commits of the consumer never pass a batch that is not acknowledged; what was fetched before a seek is not
delivered after it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from streams.settings import Settings
from streams.wire.record_columns import Fetched
from streams.worker.consumer import source_consumer, transport
from streams.worker.consumer.progress import Progress
from streams.worker.consumer.source_reader import Jumps
from streams.worker.consumer.transport import BatchConsumer

SOURCE = TP("source", 0)


def consumer() -> Any:
    """A consumer without its threads: only what the arithmetic of commits touches."""
    bare: Any = BatchConsumer.__new__(BatchConsumer)
    bare.app = SimpleNamespace(source_names={"source"}, tables=SimpleNamespace(changelog_topics=set()))
    bare._inflight = defaultdict(dict)
    bare._acked, bare._acked_index = defaultdict(list), defaultdict(set)
    bare._progress, bare._committed_offset = Progress(), defaultdict(lambda: None)
    bare._begun = bare._recovering = None
    bare._lost_until = {}
    return bare


def test_commit_stops_before_the_first_hole() -> None:
    bare = consumer()
    bare._inflight[SOURCE] = {9: True, 19: False, 29: True}
    assert bare._new_offset(SOURCE) == 10
    assert bare._new_offset(SOURCE) is None
    bare._inflight[SOURCE][19] = True
    assert bare._new_offset(SOURCE) == 30
    assert not bare._inflight[SOURCE]


def test_gaps_in_the_log_do_not_hold_commits_back() -> None:
    bare = consumer()
    bare._inflight[SOURCE] = {5: True, 105: True}
    assert bare._new_offset(SOURCE) == 106


def test_commits_and_lag_pass_what_is_no_record() -> None:
    """Behind the last record may stand a marker, aborted batches, or nothing any more: the consumer's
    position says so, and counts once all that was taken is durable."""
    bare = consumer()
    bare._thread = SimpleNamespace(place=lambda tp: (31, 31))
    bare._note_progress({SOURCE: [SimpleNamespace(offset=29)]}, {SOURCE})
    bare._inflight[SOURCE] = {29: False}
    bare._note_progress({}, {SOURCE})
    assert bare._new_offset(SOURCE) is None and bare.behind(SOURCE, 20) == 11
    bare._inflight[SOURCE] = {29: True}
    assert bare._new_offset(SOURCE) == 31 and bare.behind(SOURCE, 30) == 0
    bare._committed_offset[SOURCE] = 31
    assert bare._new_offset(SOURCE) is None and bare.behind(SOURCE, 31) == 0


def test_a_position_says_nothing_while_records_are_on_their_way() -> None:
    bare = consumer()
    bare._thread = SimpleNamespace(place=lambda tp: (10, 10))
    bare._note_progress({SOURCE: [SimpleNamespace(offset=9)]}, {SOURCE})  # fetched, not yet delivered
    bare._committed_offset[SOURCE] = 5
    assert bare._new_offset(SOURCE) is None and bare.behind(SOURCE, 5) == 5


def test_a_group_behind_deleted_records_stands_where_the_log_begins() -> None:
    bare = consumer()
    bare._thread = SimpleNamespace(place=lambda tp: (100, 100))
    bare._committed_offset[SOURCE] = 40
    bare._note_progress({}, {SOURCE})
    assert list(bare._filter_tps_with_pending_acks()) == [SOURCE]
    assert bare._new_offset(SOURCE) == 100 and bare.behind(SOURCE, 40) == 0


def test_a_jump_forward_is_counted_once_and_a_jump_back_ends_a_worker_with_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """During a recovery the fetcher meets the same hole as behind the seek: it counts once."""
    lost, ended = list[tuple[TP, int]](), list[str]()
    monkeypatch.setattr(source_consumer, "end_now", ended.append)
    bare, found = consumer(), [(SOURCE, 300, 550), (SOURCE, 300, 550)]
    bare.app.settings, bare.app.changelog = Settings(app_prefix="shop"), "shop-rows"
    bare._thread = SimpleNamespace(jumps=SimpleNamespace(taken=lambda: [found.pop()] if found else []))
    bare.log = logging.getLogger("test")
    bare.lost, bare._recovering, bare._begun = lambda tp, records: lost.append((tp, records)), 2, 1
    bare._note_jumps()
    assert found and not lost
    bare._begun = 2
    bare._note_jumps()
    assert lost == [(SOURCE, 250)] and not ended
    found.append((SOURCE, 550, 0))
    bare._note_jumps()
    assert len(lost) == 1 and len(ended) == 1 and "SHIFTCAST_APP_PREFIX=shop-2" in ended[0]
    bare.app.changelog = ""
    found.append((SOURCE, 550, 0))
    bare._note_jumps()
    assert len(ended) == 1 and bare._committed_offset[SOURCE] == 0, "without rows all is read again"


class Fetching(BatchConsumer):
    """A consumer whose one fetch returns when the test says so."""

    should_stop = False

    def __init__(self) -> None:
        conductor = SimpleNamespace(acks_enabled_for=lambda topic: True)
        monitor = SimpleNamespace(track_tp_end_offset=lambda tp, offset: None)
        tables = SimpleNamespace(changelog_topics=set())
        self.app: Any = SimpleNamespace(
            source_names={"source"},
            tables=tables,
            topics=conductor,
            monitor=monitor,
            consumer_generation_id=1,
        )
        self.batch_records, self._seeks, self._begun_under, self._recovering = 2, 0, (0, 0), None
        self._begun = None
        self.flow_active, self.can_resume_flow, self.suspend_flow = True, asyncio.Event(), asyncio.Event()
        self.not_waiting_next_records, self._no_fetch, self.arrived = (
            asyncio.Event(),
            asyncio.Event(),
            asyncio.Event(),
        )
        self._no_fetch.set()
        self._active_partitions, self._dropped = {SOURCE}, set()
        self._buffered_partitions: set[TP] = set()
        self._read_offset: dict[TP, Any] = {}
        self._committed_offset: dict[TP, Any] = {}
        self._inflight, self._progress = defaultdict(dict), Progress()
        self._thread = SimpleNamespace(place=lambda tp: (None, None), jumps=Jumps())
        self.sought_while_fetching: list[bool] = []  # one per seek
        self.committed_at: int | None = 1
        self.sought_to = list[tuple[TP, int]]()

    def highwater(self, tp: TP) -> int:
        return 9

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:
        await self.arrived.wait()
        return {
            SOURCE: [SimpleNamespace(offset=offset, timestamp=0, timestamp_type=1) for offset in range(6)]
        }

    async def seek_to_committed(self) -> Any:
        self.sought_while_fetching.append(not self._no_fetch.is_set())
        return {SOURCE: self.committed_at}

    def assignment(self) -> Any:
        return {SOURCE}

    async def earliest_offsets(self, *partitions: TP) -> Any:
        return dict.fromkeys(partitions, 7)

    async def _seek(self, partition: TP, offset: int) -> None:
        self.sought_to.append((partition, offset))


async def taken(consumer: BatchConsumer) -> list[int]:
    """Last offsets of what one round delivers."""
    return [message.offset async for _, message in consumer.getmany(1.0)]


def test_a_seek_waits_for_the_fetch_in_flight_and_nothing_of_it_is_delivered() -> None:
    async def story() -> None:
        fetching = Fetching()
        round_ = asyncio.ensure_future(taken(fetching))
        await asyncio.sleep(0)
        seek = asyncio.ensure_future(fetching.perform_seek())
        await asyncio.sleep(0.01)
        assert fetching.sought_while_fetching == []
        fetching.arrived.set()
        await seek
        fetching.resume_flow()
        assert await round_ == [] and fetching.sought_while_fetching == [False]
        assert await taken(fetching) == [1, 3, 5], "what was dropped came again"

    asyncio.run(story())


@pytest.mark.parametrize("committed", [None, 0])
def test_what_was_fetched_of_a_source_without_a_commit_is_read_again(committed: int | None) -> None:
    """aiokafka seeks no such partition: its first records, fetched and dropped in a rebalance before the
    first commit, were passed for good."""

    async def story() -> None:
        fetching = Fetching()
        await fetching.perform_seek()
        assert fetching.sought_to == [], "that one stands at its commit"
        fetching.committed_at = committed
        await fetching.perform_seek()
        assert fetching.sought_to == [(SOURCE, 7)]

    asyncio.run(story())


def test_a_round_that_was_held_up_over_a_rebalance_ends_without_an_alarm() -> None:
    """The rest of its records is read again behind the seek: it must neither be delivered nor count as
    lost."""

    async def story() -> None:
        fetching = Fetching()
        fetching.arrived.set()
        round_ = fetching.getmany(1.0)
        assert (await anext(round_))[1].offset == 1
        fetching.app.consumer_generation_id = 2
        await fetching.perform_seek()
        fetching.resume_flow()
        assert [message.offset async for _, message in round_] == []
        assert await taken(fetching) == [1, 3, 5]

    asyncio.run(story())


def test_who_sends_does_not_set_the_clock_by_which_events_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """40 days old, or 50 min ahead: a record that carries its producer's time is judged by its arrival."""
    monkeypatch.setattr(transport, "UNSTAMPED", {SOURCE})
    fetching, now_ms = Fetching(), time.time() * 1000
    part = [
        Fetched("source", 0, 0, 1000, 0, b"k", b"v", ()),
        Fetched("source", 0, 1, 2000, 1, b"k", b"v", ()),
    ]
    own, given = fetching._message(SOURCE, part, 1).value.records
    assert own.timestamp >= int(now_ms) and (own.offset, given.timestamp) == (0, 2000)


def test_a_delivery_that_has_to_wait_gives_way_to_the_end_of_the_flow() -> None:
    """One that goes through at once takes place in any case, without a task; one that waits is given up when
    the flow ends."""

    async def run() -> None:
        consumer, delivered, full = Fetching(), list[str](), asyncio.Event()
        consumer._stopped, consumer._crashed, consumer.loop = asyncio.Event(), asyncio.Event(), None

        async def deliver(name: str, wait: bool) -> None:
            if wait:
                await full.wait()
            delivered.append(name)

        tasks = asyncio.all_tasks()
        step = consumer.wait_first(deliver("at once", wait=False), consumer.suspend_flow.wait())
        with pytest.raises(StopIteration):
            step.send(None)
        assert delivered == ["at once"] and asyncio.all_tasks() == tasks
        waiting = asyncio.ensure_future(
            consumer.wait_first(deliver("later", wait=True), consumer.suspend_flow.wait())
        )
        await asyncio.sleep(0)
        full.set()
        await waiting
        assert delivered == ["at once", "later"]
        full.clear()
        waiting = asyncio.ensure_future(
            consumer.wait_first(deliver("never", wait=True), consumer.suspend_flow.wait())
        )
        await asyncio.sleep(0)
        consumer.suspend_flow.set()
        await waiting
        full.set()
        await asyncio.sleep(0)
        assert delivered == ["at once", "later"]

    asyncio.run(run())
