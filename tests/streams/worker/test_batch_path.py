"""The batch path on a real broker: kill -9 at every step, disks lost, workers joining and leaving, orderly
stops."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from streams.lane.fail_point import FAIL_STEPS
from streams.rows.sparse_rows import packed_rows
from streams.worker.app import changelog_of
from streams.worker.folder_stamp import STAMP_FILE
from tests.streams.worker.toy_run import ToyRun
from tests.streams.worker.toy_worker import TALLY, topics
from tests.workers import Worker

FOREIGN = packed_rows(np.array([(1, ord("t"), 0, 0, 0, 0, 0, 0, 0)], TALLY))[0]
"""A row that has applied nothing."""

pytestmark = [pytest.mark.broker]


@pytest.fixture
def run(broker: str, tmp_path: Path) -> Iterator[ToyRun]:
    toy = ToyRun(broker, tmp_path)
    asyncio.run(toy.create_topics())
    yield toy
    toy.end()


def test_killed_at_every_step_of_the_durability_order(run: ToyRun) -> None:
    """Each step once; the disk is lost after every second kill."""

    async def story() -> None:
        worker = run.worker("w1")
        for i, step in enumerate(FAIL_STEPS):
            worker.env["SHIFTCAST_FAIL_POINT"] = (
                step if step == "committed" else f"{step}:3"
            )  # one commit, but a flush per lane
            worker.start()
            _, status = await asyncio.gather(run.produce(1500), asyncio.to_thread(worker.wait_gone))
            assert status == -9, worker.said()[-3000:]
            if i % 2:
                shutil.rmtree(worker.data_dir)
        del worker.env["SHIFTCAST_FAIL_POINT"]
        worker.start()
        await asyncio.to_thread(worker.wait_ready)
        await run.caught_up()
        assert worker.terminate() == 0
        await run.check([worker.data_dir])

    asyncio.run(story())


def test_killed_at_random(run: ToyRun) -> None:
    async def story() -> None:
        worker = run.worker("w1")
        input_ = asyncio.ensure_future(run.produce(9000))
        for i in range(4):
            worker.start()
            await asyncio.to_thread(worker.wait_ready)
            await asyncio.sleep(run.rng.uniform(0.5, 2))
            worker.kill()
            if i % 2:
                shutil.rmtree(worker.data_dir)
        worker.start()
        await input_
        await asyncio.to_thread(worker.wait_ready)
        await run.caught_up()
        assert worker.terminate() == 0
        await run.check([worker.data_dir])

    asyncio.run(story())


def test_an_older_build_in_the_group_stops_with_one_line_and_the_newer_one_goes_on(run: ToyRun) -> None:
    """The older one's rows are taken over; its lanes, once the newer one has written, are refused to it."""

    async def story() -> None:
        old, new = run.worker("w1"), run.worker("w2", TOY_VERSION="2")
        old.start()
        await asyncio.gather(run.produce(500, per_s=2_000), asyncio.to_thread(old.wait_ready))
        await run.caught_up()
        assert old.terminate() == 0
        new.start()
        await asyncio.gather(run.produce(500, per_s=2_000), asyncio.to_thread(new.wait_ready))
        await run.caught_up()
        old.start()
        status = await asyncio.to_thread(old.wait_gone)
        said = [line for line in old.said().splitlines() if "holds a row of kind" in line]
        assert status == 1 and len(said) == 1 and "Traceback" not in old.said(), old.said()[-3000:]
        assert "kind t: version 2; this build knows up to 1" in said[0] and "make setup" in said[0]
        await run.produce(300)
        await run.caught_up()
        assert new.terminate() == 0
        await run.check([new.data_dir])

    asyncio.run(story())


def test_an_orderly_stop_commits_everything_it_applied(run: ToyRun) -> None:
    """After SIGTERM the next worker replays nothing: every applied event was flushed and committed, so no
    output comes twice."""

    async def story() -> None:
        worker = run.worker("w1")
        input_ = asyncio.ensure_future(run.produce(6000))
        for _ in range(3):
            worker.start()
            await asyncio.to_thread(worker.wait_ready)
            await asyncio.sleep(run.rng.uniform(0.5, 1.5))
            assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        worker.start()
        await input_
        await asyncio.to_thread(worker.wait_ready)
        await run.caught_up()
        assert worker.terminate() == 0
        await run.check([worker.data_dir])
        sent = [record.value for record in await run.read(f"{run.prefix}.out")]
        assert len(sent) == len(set(sent))

    asyncio.run(story())


def test_workers_join_and_leave_under_load(run: ToyRun) -> None:
    async def story() -> None:
        first, second = run.worker("w1"), run.worker("w2")
        # Without fixed member ids a stop leaves the group at once
        for worker in (first, second):
            del worker.env["SHIFTCAST_INSTANCE_ID"]
        input_ = asyncio.ensure_future(run.produce(14_000))
        first.start()
        await asyncio.to_thread(first.wait_ready)
        for _ in range(2):
            second.start()
            await asyncio.to_thread(second.wait_ready)
            await asyncio.sleep(1)
            assert await asyncio.to_thread(second.terminate) == 0, second.said()[-3000:]
        await input_
        await run.caught_up()
        assert first.terminate() == 0
        await run.check()

    asyncio.run(story())


def test_a_standby_takes_over(run: ToyRun) -> None:
    """Two workers with one standby each: after a kill the other owns all lanes, has all rows, and goes on
    exactly."""

    async def story() -> None:
        first, second = (run.worker(name, SHIFTCAST_STANDBY_REPLICAS="1") for name in ("w1", "w2"))
        for worker in (first, second):
            worker.start()
        for worker in (first, second):
            await asyncio.to_thread(worker.wait_ready)
        await run.produce(3000)
        await run.caught_up()
        first.kill()
        await run.produce(1000)
        await run.caught_up()
        assert second.terminate() == 0
        await run.check([second.data_dir])

    asyncio.run(story())


def test_a_worker_without_topics_says_what_to_type(broker: str, tmp_path: Path) -> None:
    worker = ToyRun(broker, tmp_path).worker("w1").start()
    assert worker.wait_gone() == 1
    assert "make them with `shiftcast topics create`" in worker.said()
    assert "Traceback" not in worker.said()


def test_a_worker_without_a_broker_says_what_to_type(tmp_path: Path) -> None:
    worker = ToyRun("127.0.0.1:9", tmp_path).worker("w1", SHIFTCAST_BROKER_WAIT_S="0").start()
    assert worker.wait_gone() == 1
    assert "shiftcast broker start" in worker.said()
    assert "Traceback" not in worker.said()


def test_a_worker_with_another_partition_count_says_so(run: ToyRun) -> None:
    worker = run.worker("w1", SHIFTCAST_PARTITIONS="8").start()
    assert worker.wait_gone() == 1
    assert "SHIFTCAST_PARTITIONS is 8" in worker.said()


async def applied_and_stopped(run: ToyRun) -> Worker:
    """A worker that has applied and committed 400 events and ended."""
    worker = run.worker("w1").start()
    await run.produce(400, per_s=4000)
    await asyncio.to_thread(worker.wait_ready)
    await run.caught_up()
    assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
    return worker


async def refusal(worker: Worker) -> str:
    """What a worker says that must not start."""
    worker.start()
    assert await asyncio.to_thread(worker.wait_gone) == 1
    assert "Traceback" not in worker.said(), worker.said()[-3000:]
    return worker.said()


def test_a_source_created_anew_is_refused(run: ToyRun) -> None:
    """Fences and commits lie past its end."""

    async def story() -> None:
        worker = await applied_and_stopped(run)
        await run.create_anew(topics(run.prefix)[0].name)
        said = await refusal(worker)
        assert f"{run.prefix}.one[" in said
        assert "SHIFTCAST_APP_PREFIX" in said

    asyncio.run(story())


def test_a_changelog_created_anew_is_refused(run: ToyRun) -> None:
    """A folder of a version without stamps is refused while its rows reach past the changelog's end."""

    async def story() -> None:
        worker = await applied_and_stopped(run)
        await run.create_anew(changelog_of(run.settings, "toy").name)
        assert "was deleted and made anew" in await refusal(worker)
        next(worker.data_dir.rglob(STAMP_FILE)).unlink()
        assert "ahead of their changelog" in await refusal(worker)

    asyncio.run(story())


def test_rows_of_a_foreign_writer_are_overwritten(run: ToyRun) -> None:
    """Another process appends to a lane's changelog: the owner writes its own row again, and the last record
    is right."""

    async def story() -> None:
        worker = run.worker("w1").start()
        await run.produce(300, per_s=4000)
        await asyncio.to_thread(worker.wait_ready)
        await run.caught_up()
        changelog = changelog_of(run.settings, "toy").name
        written = {record.key: (record.partition, record.value) for record in await run.read(changelog)}
        places = {key: place for key, (place, value) in written.items() if key.startswith(b"t") and value}
        for key, place in list(places.items())[:40]:
            await run.append(changelog, key, FOREIGN, place)
        await run.produce(300, per_s=4000)
        await run.caught_up()
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        await run.check([worker.data_dir])

    asyncio.run(story())
