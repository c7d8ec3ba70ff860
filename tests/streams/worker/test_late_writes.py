"""A worker that sleeps in the middle of a flush, wakes when its lanes are another's and appends its old rows:
the changelog's last record of every key is the owner's again, whoever notices."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.streams.worker.toy_run import ToyRun
from tests.workers import Worker

pytestmark = [pytest.mark.broker]

FLUSHES = 4
"""It falls asleep in this flush of its only lane."""


@pytest.fixture
def run(broker: str, tmp_path: Path) -> Iterator[ToyRun]:
    toy = ToyRun(broker, tmp_path, partitions=1)
    asyncio.run(toy.create_topics())
    yield toy
    toy.end()


async def asleep_at(run: ToyRun, step: str) -> Worker:
    """A worker of the lane that has stopped itself at a step of a flush."""
    worker = run.worker("sleeper", SHIFTCAST_FAIL_POINT=f"{step}:{FLUSHES}:stop").start()
    while not worker.halted():
        await run.produce(100)
    return worker


async def taken_over(run: ToyRun) -> Worker:
    """Another worker that has applied what the sleeper had and more, and waits for input."""
    worker = run.worker("other").start()
    await asyncio.to_thread(worker.wait_ready)
    await run.produce(1500, per_s=4000)
    await run.caught_up()
    return worker


async def woken(worker: Worker) -> None:
    """The sleeper goes on and ends itself with one line."""
    worker.signal(signal.SIGCONT)
    assert await asyncio.to_thread(worker.wait_gone) == 1, worker.said()[-3000:]
    lines = worker.reasons()
    assert len(lines) == 1 and "start the worker again" in lines[0], worker.said()[-3000:]
    assert "Traceback" not in worker.said()


def test_a_worker_that_wakes_before_its_changelog_send_writes_nothing(run: ToyRun) -> None:
    """Ownership is asked again after the outputs are acknowledged, which can take long."""

    async def story() -> None:
        sleeper = await asleep_at(run, "outputs_acked")
        other = await taken_over(run)
        before = await run.changelog_ends()
        await woken(sleeper)
        assert await run.changelog_ends() == before
        assert await asyncio.to_thread(other.terminate) == 0, other.said()[-3000:]
        await run.check([other.data_dir])

    asyncio.run(story())


def test_a_quiet_owner_overwrites_rows_that_arrive_late(run: ToyRun) -> None:
    """Asleep between the question and the send: its rows arrive. The owner has nothing to flush and notices
    all the same, so that compaction leaves the right rows for a restore onto an empty disk."""

    async def story() -> None:
        sleeper = await asleep_at(run, "changelog_sent")
        other = await taken_over(run)
        before = await run.changelog_ends()
        await woken(sleeper)
        assert await run.changelog_ends() != before, "nothing arrived late"
        await run.until_exact()
        assert await asyncio.to_thread(other.terminate) == 0, other.said()[-3000:]
        await run.compact_changelog()
        shutil.rmtree(other.data_dir)
        other.start()
        await asyncio.to_thread(other.wait_ready)
        assert await asyncio.to_thread(other.terminate) == 0, other.said()[-3000:]
        await run.check([other.data_dir])

    asyncio.run(story())


@pytest.mark.parametrize("disk", ["kept", "lost"])
def test_a_restore_overwrites_rows_that_arrived_late(run: ToyRun, disk: str) -> None:
    """Nobody owned the lanes when they arrived: the next owner merges by fence, and what lost there must not
    stay the last record of its key, which is all that compaction keeps."""

    async def story() -> None:
        sleeper = await asleep_at(run, "changelog_sent")
        other = await taken_over(run)
        assert await asyncio.to_thread(other.terminate) == 0, other.said()[-3000:]
        await woken(sleeper)
        if disk == "lost":
            shutil.rmtree(other.data_dir)
        other.start()
        await asyncio.to_thread(other.wait_ready)
        await run.until_exact()
        assert await asyncio.to_thread(other.terminate) == 0, other.said()[-3000:]
        await run.check([other.data_dir])

    asyncio.run(story())
