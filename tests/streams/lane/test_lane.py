"""One lane without a broker: order of durability, bisection, catch-up, zombies."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from streams.lane.arena import LEAST_USERS
from streams.lane.fail_point import FailPoint
from streams.lane.flush import (
    BEHIND_INTERVALS,
    ROOM_BYTES,
    BatchBounds,
    batch_bounds,
    fits_for_certain,
    fitting_records,
    flush,
    flush_due,
)
from streams.lane.inbox import FULL_BATCHES
from streams.lane.lane import Lane
from streams.lane.memory import MOST_WAITING, LaneMemory, fence_of_rows, has_all_rows
from streams.lane.repair import repair
from streams.lane.surroundings import LaneOutput, LaneStanding, LaneWork, Surroundings
from streams.loud_end import RefusedError
from streams.rows.rows_on_disk import BEATEN
from streams.rows.sparse_rows import unpacked_bytes
from streams.settings import Settings
from streams.wire.output import Output
from streams.wire.view import MOST_SWEPT, RecordBatch, View
from tests.streams.lane.dict_store import DictStore
from tests.streams.worker.toy_worker import TALLY, Tally

TOPICS = ["one", "two", "out"]


@dataclass
class FakeRecord:
    topic: str
    offset: int
    key: bytes
    value: bytes
    partition: int = 0
    timestamp: int = 0
    headers: tuple[()] = ()


class NotingStore(DictStore):
    def __init__(self, steps: list[str]) -> None:
        super().__init__()
        self.steps = steps

    def write(self, rows: Iterable[tuple[bytes, bytes | None]], offset: int) -> None:
        self.steps.append("store")
        super().write(rows, offset)


@dataclass
class World:
    """What a lane touches, noting the order of things."""

    now_standing: LaneStanding = LaneStanding.OWNER
    steps: list[str] = field(default_factory=list)
    store: DictStore = field(init=False)
    sent: list[Output] = field(default_factory=list)
    changelog: list[list[tuple[bytes, bytes | None]]] = field(default_factory=list)
    changelog_ends: int = 0
    foreign: list[bytes] = field(default_factory=list)
    acked: list[Any] = field(default_factory=list)
    paused: list[Any] = field(default_factory=list)
    sources: Mapping[str, int | None] = field(default_factory=lambda: {"one": 0, "two": 1})

    def __post_init__(self) -> None:
        self.store = NotingStore(self.steps)

    async def enqueue(self, outputs: list[Output]) -> list[asyncio.Future[None]]:
        self.steps.append("outputs")
        self.sent += outputs
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return [done]

    async def send(
        self, partition: int, rows: list[tuple[bytes, bytes | None]], header: tuple[str, bytes]
    ) -> asyncio.Future[Any]:
        self.steps.append("changelog")
        self.changelog.append(rows)
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        done.set_result(SimpleNamespace(offset=self.changelog_ends))
        self.changelog_ends += len(rows)
        return done

    def pause(self, tp: Any) -> None:
        self.paused.append(tp)

    def resume(self, tp: Any) -> None:
        self.paused.remove(tp)

    def abandon(self, event: Any) -> None:
        self.steps.append("abandon")

    def standing(self, generation: int) -> LaneStanding:
        return self.now_standing

    async def changelog_end(self, partition: int) -> int:
        return self.changelog_ends

    async def acknowledge(self, event: Any) -> None:
        self.steps.append("acknowledge")
        self.acked.append(event)

    async def position(self, topic: str, partition: int) -> int:
        return 0

    async def foreign_keys(self, partition: int, start: int, end: int) -> list[bytes]:
        return self.foreign

    def lane(self, workload: Any = None, generation: int = 1, lanes: int = 1) -> Lane:
        """One of so many of a worker."""
        around = self.around(workload or Tally(TOPICS))
        return Lane(0, generation, self.store, around, lanes)  # type: ignore[arg-type]

    def around(self, workload: Any) -> Surroundings:
        settings = Settings(flush_interval_s=0.05, batch_records=500)
        return Surroundings(
            LaneWork(workload, settings, _dead_letter, FailPoint(None)),
            self,
            LaneOutput(self, self),  # type: ignore[arg-type]
        )


def _dead_letter(record: Any, error: Exception) -> Output:
    return Output("dead", record.key, record.value, headers=[("why", str(error).encode())])


def event(topic: str, first: int, *pairs: tuple[bytes, bytes]) -> Any:
    records: list[Any] = [FakeRecord(topic, first + i, key, value) for i, (key, value) in enumerate(pairs)]
    return SimpleNamespace(
        value=RecordBatch(topic, 0, records), message=SimpleNamespace(value=None, tp=(topic, 0))
    )


async def through(lane: Lane, *events: Any) -> None:
    """Give the lane these batches and stop it when they are applied."""
    for each in events:
        lane.put(each)
    task = asyncio.ensure_future(lane.run())
    while lane.inbox and not task.done():
        await asyncio.sleep(0.001)
    lane.stop()
    await task


async def process_next(lane: Lane) -> None:
    waiting = lane.inbox.take(None)
    assert waiting is not None
    await lane._process(waiting)


def tally(world: World, user: bytes) -> list[int]:
    return np.frombuffer(unpacked_bytes(world.store.rows[b"t" + user]), TALLY)[0]["count"].tolist()


def test_durability_order() -> None:
    world = World()
    asyncio.run(through(world.lane(), event("one", 0, *[(b"u", b"1")] * 10)))
    assert world.steps == ["outputs", "changelog", "store", "acknowledge"]
    assert [output.value for output in world.sent] == [b"u:0:10"]
    assert tally(world, b"u") == [10, 0]
    assert len(world.acked) == 1


def test_outputs_that_wait_leave_with_the_flush_and_hold_up_no_other() -> None:
    class Told(Tally):
        def apply(self, view: Any, batch: RecordBatch) -> None:
            super().apply(view, batch)
            view.outputs[:] = [msgspec.structs.replace(each, waits=True) for each in view.outputs]

    async def story() -> None:
        world = World()
        lane = world.lane(Told(TOPICS))
        lane.put(event("one", 0, *[(b"u", b"1")] * 10))
        await process_next(lane)
        assert world.steps == []
        lane.put(event("one", 10, (b"u", b"not a number")))
        await process_next(lane)
        assert [output.topic for output in world.sent] == ["dead"]
        lane.put(event("one", 11, *[(b"u", b"1")] * 10))
        await process_next(lane)
        assert world.steps == ["outputs"]
        await flush(lane.memory)
        assert world.steps[1:5] == ["outputs", "changelog", "store", "acknowledge"]
        lane.put(event("two", 0, *[(b"v", b"1")] * MOST_WAITING * 10))
        while lane.inbox:
            await process_next(lane)
        assert len(world.sent) == 3 + MOST_WAITING

    asyncio.run(story())


def test_a_bad_record_becomes_a_dead_letter_and_no_other_record_suffers() -> None:
    world = World()
    pairs = [(b"u%d" % (i % 3), b"1") for i in range(20)]
    pairs[7] = (b"u1", b"not a number")
    asyncio.run(through(world.lane(), event("one", 0, *pairs)))
    assert [(output.topic, output.value) for output in world.sent if output.topic == "dead"] == [
        ("dead", b"not a number")
    ]
    assert sum(tally(world, b"u%d" % i)[0] for i in range(3)) == 19


def test_a_replay_changes_nothing_and_sends_nothing() -> None:
    world = World()
    asyncio.run(through(world.lane(), event("one", 0, *[(b"u", b"3")] * 10)))
    before, sent = dict(world.store.rows), len(world.sent)
    asyncio.run(through(world.lane(), event("one", 0, *[(b"u", b"3")] * 10)))
    assert world.store.rows[b"tu"] == before[b"tu"]
    assert len(world.sent) == sent


def test_memory_and_disk_errors_are_nobodys_dead_letter() -> None:
    class Full(Tally):
        def apply(self, view: Any, batch: RecordBatch) -> None:
            raise OSError("disk full")

    world = World()
    with pytest.raises(OSError, match="disk full"):
        asyncio.run(through(world.lane(Full(TOPICS)), event("one", 0, (b"u", b"1"))))
    assert world.steps == []


def test_a_worker_that_lost_its_membership_writes_nothing() -> None:
    world = World(now_standing=LaneStanding.LOST)
    with pytest.raises(RefusedError, match="another worker"):
        asyncio.run(through(world.lane(), event("one", 0, (b"u", b"1"))))
    assert world.changelog == []
    assert world.acked == []


def test_what_assignments_are_ordered_by_only_grows() -> None:
    """A group that was deleted counts its generations from 1 again: values published under it must not be
    taken for older ones."""

    async def story() -> None:
        world, order = World(), list[tuple[int, int]]()
        for number, generation in enumerate((7, 8, 1, 2, 2, 9, 12)):
            lane = world.lane(generation=generation)
            lane.memory.visit(lambda view: order.append((view.generation, view.flush)))
            await through(lane, event("one", number, (b"u", b"1")))
            lane.memory.visit(lambda view: order.append((view.generation, view.flush)))
        assert order == sorted(order)
        assert [term for term, _ in order[1::2]] == [1, 2, 3, 4, 5, 6, 7], "whatever the group counts"

    asyncio.run(story())


@pytest.mark.parametrize("step", ["outputs", "changelog"])
def test_ownership_is_asked_again_after_every_acknowledgement(step: str) -> None:
    """The broker may take longer to acknowledge than the group to give the lane away."""

    class Late(World):
        async def enqueue(self, outputs: list[Output]) -> list[asyncio.Future[None]]:
            self.now_standing = LaneStanding.LOST if step == "outputs" else LaneStanding.OWNER
            return await super().enqueue(outputs)

        async def send(
            self, partition: int, rows: list[tuple[bytes, bytes | None]], header: tuple[str, bytes]
        ) -> asyncio.Future[Any]:
            self.now_standing = LaneStanding.LOST
            return await super().send(partition, rows, header)

    world = Late()
    lane = world.lane()
    lane.put(event("one", 0, *[(b"u", b"1")] * 10))

    async def story() -> None:
        waiting = lane.inbox.take(None)
        assert waiting is not None
        with pytest.raises(RefusedError, match="another worker"):
            await lane._process(waiting)
            await flush(lane.memory)

    asyncio.run(story())
    assert world.steps == (["outputs"] if step == "outputs" else ["outputs", "changelog"])
    assert not world.store.rows and not world.acked, "the store has no row that its owner did not acknowledge"


def test_while_the_coordinator_is_silent_nothing_is_taken_and_nothing_is_written() -> None:
    world = World(now_standing=LaneStanding.UNCERTAIN)

    async def story() -> None:
        lane = world.lane()
        lane.put(event("one", 0, *[(b"u", b"1")] * 10))
        task = asyncio.ensure_future(lane.run())
        for _ in range(20):
            await asyncio.sleep(0)
        assert world.steps == [] and lane.inbox and not task.done()
        world.now_standing = LaneStanding.OWNER
        while lane.inbox:
            await asyncio.sleep(0.001)
        lane.stop()
        await task

    asyncio.run(story())
    assert tally(world, b"u") == [10, 0]
    assert world.steps == ["outputs", "changelog", "store", "acknowledge"]


def test_a_quiet_lane_overwrites_what_another_writer_appended() -> None:
    """Told where its changelog ends; and once more before it stops."""

    async def story() -> None:
        lane = world.lane()
        lane.put(event("one", 0, (b"u", b"1"), (b"w", b"1")))
        task = asyncio.ensure_future(lane.run())
        while not world.acked:
            await asyncio.sleep(0.001)
        for n, keys in enumerate(([b"tw"], [b"tu", b"nother"])):
            world.foreign, world.changelog_ends = keys, world.changelog_ends + len(keys)
            if n == 0:
                lane.changelog_ends_at(world.changelog_ends)
                while len(world.changelog) < 2:
                    await asyncio.sleep(0.001)
        lane.stop()
        await task

    world = World()
    asyncio.run(story())
    assert [dict(rows) for rows in world.changelog[1:]] == [
        {b"tw": world.store.rows[b"tw"]},
        {b"tu": world.store.rows[b"tu"], b"nother": None},
    ]
    assert world.store.offset() == world.changelog_ends - 1 and not world.store.beaten()


def test_a_lane_begins_with_the_rows_that_a_restore_found_beaten() -> None:
    world = World()
    asyncio.run(through(world.lane(), event("one", 0, (b"u", b"1"), (b"w", b"1"))))
    world.store.rows |= {BEATEN + b"tw": b"", BEATEN + b"tgone": b""}
    asyncio.run(through(world.lane()))
    assert dict(world.changelog[-1]) == {b"tw": world.store.rows[b"tw"], b"tgone": None}
    assert not world.store.beaten()


def test_consent_goes_first() -> None:
    """Batches of a topic that is being caught up pass all others; the others wait until its end is
    reached."""
    order: list[str] = []

    class Noting(Tally):
        def apply(self, view: Any, batch: RecordBatch) -> None:
            order.append(batch.topic)

    world = World()
    lane = world.lane(Noting(TOPICS))
    lane.set_catch_up("two", 4)
    one, two, last = (
        event("one", 0, (b"u", b"1")),
        event("two", 0, *[(b"u", b"1")] * 2),
        event("two", 2, *[(b"u", b"1")] * 2),
    )
    asyncio.run(through(lane, one, two, last))
    assert order == ["two", "one"]


def test_topics_that_go_first_are_caught_up_one_after_another() -> None:
    """A creative that arrives before its user's consent is judged with it."""
    order: list[str] = []

    class Noting(Tally):
        def apply(self, view: Any, batch: RecordBatch) -> None:
            order.append(batch.topic)

    world = World(sources={"one": 0, "two": 1, "three": 2})
    lane = world.lane(Noting(TOPICS))
    lane.set_catch_up("two", 2)
    lane.set_catch_up("one", 1)
    batches = [
        event(topic, at, (b"u", b"1")) for topic, at in (("three", 0), ("one", 0), ("two", 0), ("two", 1))
    ]
    for each in batches[:3]:
        lane.put(each)
    lane.inbox._batch_records = 1  # or the two would be one batch
    asyncio.run(through(lane, batches[3]))
    assert order == ["two", "two", "one", "three"]


def test_the_lanes_row_says_how_far_its_sources_are_applied_whatever_they_changed() -> None:
    """A commit that is ahead of it means that rows were lost."""

    class Idle(Tally):
        def apply(self, view: Any, batch: RecordBatch) -> None:
            pass

    world = World()
    asyncio.run(through(world.lane(Idle(TOPICS)), event("one", 0, *[(b"u", b"1")] * 3)))
    assert len(world.acked) == 1
    fence = fence_of_rows(world.store, 0, "changelog", "id", [])["fence"]  # type: ignore[arg-type]
    assert fence.tolist()[:2] == [2, -1]


def test_a_source_without_a_fence_is_applied_acknowledged_and_leaves_the_others_fences_alone() -> None:
    world = World()
    world.sources = {"one": 0, "three": None}
    lane = world.lane(Tally([*TOPICS, "three"]))
    asyncio.run(through(lane, event("one", 4, (b"u", b"1")), event("three", 7, (b"u", b"1"))))
    assert len(world.acked) == 2
    fence = fence_of_rows(world.store, 0, "changelog", "id", [])["fence"]  # type: ignore[arg-type]
    assert fence.tolist() == [4] + [-1] * 7


def test_a_source_without_a_fence_is_read_from_its_beginning_where_rows_are_missing() -> None:
    world = World()
    lane = world.lane()
    lane.memory.topic_ids["changelog"] = "id-1"
    assert not has_all_rows(world.store, 0, "changelog", "id-1")  # type: ignore[arg-type]
    asyncio.run(through(lane, event("one", 0, (b"u", b"1"))))
    assert has_all_rows(world.store, 0, "changelog", "id-1")  # type: ignore[arg-type]
    assert not has_all_rows(world.store, 0, "changelog", "id-2")  # type: ignore[arg-type]


def test_rows_of_a_changelog_that_was_made_anew_do_not_say_what_was_applied() -> None:
    """A worker may write to the new one before it notices: what it had written before is missing there."""
    world = World()
    lane = world.lane()
    lane.memory.topic_ids["changelog"] = "id-1"
    asyncio.run(through(lane, event("one", 0, (b"u", b"1")), event("two", 0, (b"u", b"1"))))
    for changelog_id, applied in (("id-1", [0, 0]), ("id-2", [-1, 0])):
        fence = fence_of_rows(world.store, 0, "changelog", changelog_id, [0])["fence"]  # type: ignore[arg-type]
        assert fence.tolist()[:2] == applied


def test_rows_that_a_foreign_writer_touched_are_written_again() -> None:
    async def story() -> None:
        lane = world.lane()
        lane.put(event("one", 0, (b"u", b"1"), (b"w", b"1")))
        await process_next(lane)
        await flush(lane.memory)
        world.changelog_ends += 3
        world.foreign = [b"tw", b"nother"]
        lane.put(event("one", 2, (b"u", b"1")))
        await process_next(lane)
        await flush(lane.memory)
        await repair(lane.memory)

    world = World()
    asyncio.run(story())
    again = dict(world.changelog[2])
    assert again[b"tw"] == world.store.rows[b"tw"]
    assert again[b"nother"] is None


def test_a_full_inbox_pauses_its_partition() -> None:
    world = World()
    lane = world.lane()
    for i in range(FULL_BATCHES):
        assert world.paused == []
        lane.put(event("one", 500 * i, *[(b"u", b"1")] * 500))
    assert world.paused == [("one", 0)]
    asyncio.run(through(lane))
    assert world.paused == []


def test_batches_of_a_topic_grow_together_while_they_wait() -> None:
    """Small batches never fill an inbox, and every event that brought records is acknowledged."""
    sizes: list[tuple[str, int]] = []

    class Noting(Tally):
        def apply(self, view: Any, batch: RecordBatch) -> None:
            sizes.append((batch.topic, len(batch.records)))
            super().apply(view, batch)

    world = World()
    events = [event(topic, i, (b"u", b"1")) for i in range(300) for topic in ("one", "two")]
    asyncio.run(through(world.lane(Noting(TOPICS)), *events, event("one", 300, *[(b"u", b"1")] * 400)))
    assert sizes == [("one", 300), ("two", 300), ("one", 400)]
    assert tally(world, b"u") == [700, 300]
    assert len(world.acked) == len(events) + 1


class Keeper(Tally):
    """Keeps every value whole."""

    def apply(self, view: View, batch: RecordBatch) -> None:
        super().apply(view, batch)
        for record in batch.records:
            view.put(b"n" + (record.key or b""), record.value)


def test_what_exceeds_one_record_batch_is_flushed_in_portions() -> None:
    async def run() -> None:
        world = World()
        lane = world.lane(Keeper(TOPICS))
        text = b"1".rjust(ROOM_BYTES // 8)
        lane.put(event("one", 0, *[(b"u%d" % n, text) for n in range(10)]))
        await process_next(lane)
        await flush(lane.memory)
        sizes = [sum(len(key) + len(value or b"") for key, value in rows) for rows in world.changelog]
        assert len(sizes) > 1 and max(sizes) <= ROOM_BYTES
        assert [tally(world, b"u%d" % n)[0] for n in range(10)] == [1] * 10
        assert len(world.acked) == 1 and world.steps.index("acknowledge") > world.steps.index("store")

    asyncio.run(run())


def test_a_small_batch_fits_without_a_look_at_each_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a large one is not: what fits for certain fits by the bounds, too."""
    counted: list[int] = []

    def noted(memory: LaneMemory, records: Sequence[Any]) -> BatchBounds:
        counted.append(len(records))
        return batch_bounds(memory, records)

    monkeypatch.setattr("streams.lane.lane.batch_bounds", noted)
    world = World()
    large = [(b"u%d" % n, b"1".rjust(ROOM_BYTES // 8)) for n in range(10)]
    asyncio.run(through(world.lane(), event("one", 0, (b"u", b"1")), event("two", 0, *large)))
    assert counted[0] == len(large)
    memory = world.lane().memory
    for n in range(1, len(large) + 1):
        records = event("one", 0, *large[:n]).value.records
        fit = fitting_records(memory, batch_bounds(memory, records))
        assert fit == n or not fits_for_certain(memory, records)


def unflushed_for_two_intervals() -> tuple[Lane, int, float]:
    """A lane, how many records a full batch has, and the interval in seconds."""
    lane, interval_s = World().lane(), 10.0
    work = replace(lane.around.work, settings=replace(lane.around.work.settings, flush_interval_s=interval_s))
    lane.memory.around = replace(lane.around, work=work)
    lane.memory.unflushed_since = time.monotonic() - 2 * interval_s
    return lane, work.settings.batch_records, interval_s


def test_a_lane_that_is_behind_flushes_less_often() -> None:
    """However the fetches were cut: what waits counts, not the size of the batch that comes next."""
    lane, full, interval_s = unflushed_for_two_intervals()
    assert flush_due(lane.memory)
    lane.put(event("one", 0, *[(b"u", b"")] * (full - 1)))
    assert flush_due(lane.memory)
    lane.put(event("one", full - 1, *[(b"u", b"")] * 2))
    assert not flush_due(lane.memory)
    assert lane.memory.unflushed_since is not None
    lane.memory.unflushed_since -= BEHIND_INTERVALS * interval_s
    assert flush_due(lane.memory)


def test_what_may_not_be_taken_yet_holds_up_no_flush() -> None:
    """Consent that is applied becomes durable although more of it has yet to come."""
    lane, full, _ = unflushed_for_two_intervals()
    lane.set_catch_up("two", 3 * full)
    lane.put(event("one", 0, *[(b"u", b"")] * full))
    assert flush_due(lane.memory) and not lane.memory.view().behind
    lane.put(event("two", 0, *[(b"u", b"")] * full))
    assert not flush_due(lane.memory) and lane.memory.view().behind
    lane.set_catch_up("two", None)
    assert not flush_due(lane.memory) and lane.memory.view().behind


def test_a_lane_works_however_many_its_worker_has() -> None:
    """One worker may hold all partitions, and those of others that failed: a batch that is larger than its
    memory is applied in parts."""
    world = World()
    lane, users = world.lane(lanes=10_000), 3 * LEAST_USERS
    assert lane.memory.arena.capacity == LEAST_USERS
    asyncio.run(through(lane, event("one", 0, *[(b"u%d" % i, b"1") for i in range(users)])))
    assert len(world.changelog) == 3
    assert all(tally(world, b"u%d" % i) == [1, 0] for i in range(users))


def test_a_user_who_comes_often_takes_room_once() -> None:
    world = World()
    lane, often, many = world.lane(lanes=10_000), 3 * LEAST_USERS, LEAST_USERS - 1
    others = [(b"v%d" % i, b"1") for i in range(many)]
    asyncio.run(through(lane, event("one", 0, *[(b"u", b"1")] * often, *others)))
    assert len(world.changelog) == 1
    assert tally(world, b"u") == [often, 0]


def test_who_was_written_takes_room_again() -> None:
    """Users of a batch that come before a flush and behind it."""
    world = World()
    lane, users = world.lane(lanes=10_000), [(b"u%d" % i, b"1") for i in range(2 * LEAST_USERS)]
    asyncio.run(through(lane, event("one", 0, *users, *users)))
    assert len(world.changelog) == 4
    assert all(tally(world, key) == [2, 0] for key, _ in users)


def test_a_sweep_has_room_in_the_smallest_memory() -> None:
    class Sweeping(Tally):
        swept = 0

        def sweep(self, view: View, now_ms: int) -> bool:
            self.swept = len(view.rows([b"s%d" % i for i in range(MOST_SWEPT)])[0])
            return False

    world, workload = World(), Sweeping(TOPICS)
    full = event("one", 0, *[(b"u%d" % i, b"1") for i in range(LEAST_USERS)]).value
    lane = world.lane(workload, lanes=10_000)
    lane.memory.visit(lambda view: workload.apply(view, full))
    assert lane.memory.arena.room() == 0
    asyncio.run(lane._sweep())
    assert workload.swept == MOST_SWEPT


def test_a_sweep_that_has_more_to_do_comes_back_in_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.lane.lane.SWEEP_S", 0.0)

    class Sweeping(Tally):
        visits = 0

        def sweep(self, view: View, now_ms: int) -> bool:
            monkeypatch.setattr("streams.lane.lane.SWEEP_S", 3_600.0)
            self.visits += 1
            if self.visits == 4:
                lane.stop()
            return self.visits < 4

    world, workload = World(), Sweeping(TOPICS)
    lane = world.lane(workload)
    asyncio.run(lane.run())
    assert workload.visits == 4, "three times at once, then not before the next regular sweep"


def test_memory_of_lanes_that_went_is_free_for_those_that_come() -> None:
    """The arena is divided anew with every assignment; what the lanes before had must not stay meanwhile."""
    world = World()
    lane = world.lane()
    asyncio.run(through(lane, event("one", 0, (b"u", b"1"))))
    arena = weakref.ref(lane.memory.arena)
    gc.disable()
    try:
        del lane
        assert arena() is None
    finally:
        gc.enable()
