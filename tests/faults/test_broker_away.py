"""The broker is stopped, for long and for longer than any session, and killed: workers of all kinds stay, say
so in few lines, and go on by themselves. Nothing is lost, nothing is counted twice."""

from __future__ import annotations

import asyncio
import math
import os
import re
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster, cluster, ready
from tests.faults.crowd import Crowd, flow, hand_over
from tests.faults.verdict import exact
from tests.seed import run_seed
from tests.workers import Worker

pytestmark = [pytest.mark.broker, pytest.mark.faults, pytest.mark.timeout(420)]

MODULES = {"catalogue": "agents.index_catalog", "generator": "agents.generate_creatives"}
EVERY_S = 10
Away = Callable[[Cluster, float], Awaitable[None]]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


def warnings(text: str) -> list[str]:
    """Lines of a worker's log that are no information."""
    return [line for line in text.splitlines() if re.search(r"\[WARNING\]|\[ERROR\]|Traceback", line)]


@contextmanager
def at_rest(place: Cluster) -> Iterator[None]:
    """The broker does nothing, and keeps its connections."""
    assert place.broker is not None
    pid = place.broker.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def stopped(place: Cluster, seconds: float) -> None:
    """The broker does nothing for a while."""
    with at_rest(place):
        await asyncio.sleep(seconds)


async def killed(place: Cluster, seconds: float) -> None:
    """The broker dies, and another takes its data and address."""
    assert place.broker is not None
    status = place.broker.status()
    assert status.pid is not None and status.address is not None
    os.kill(status.pid, signal.SIGKILL)
    assert place.broker._process is not None
    place.broker._process.wait(20)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(place.broker.start, int(status.address.rpartition(":")[2]))


@pytest.mark.parametrize(("away", "seconds"), [(stopped, 20), (stopped, 75), (killed, 15)])
def test_workers_outlive_a_broker_that_is_away(place: Cluster, away: Away, seconds: float) -> None:
    async def story() -> None:
        partitions, stop = place.settings.partitions, asyncio.Event()
        crowd = Crowd(run_seed())
        profiles = [place.worker("w1"), place.worker("w2")]
        workers: list[Worker] = [*profiles, *(place.worker(*each) for each in MODULES.items())]
        async with place.producer() as producer:
            await hand_over(producer, crowd.agreements(int(time.time() * 1000)), partitions)
        await ready(*workers)
        await place.caught_up()
        pids, before = [each.pid for each in workers], [len(each.said()) for each in workers]
        async with place.producer() as producer:
            input_ = asyncio.ensure_future(flow(producer, crowd, partitions, stop, 400))
            await asyncio.sleep(2)
            began = time.monotonic()
            await away(place, seconds)
            away_s = time.monotonic() - began
            await asyncio.sleep(2)
            stop.set()
            sent = await input_
        await place.caught_up(timeout_s=120)
        await place.caught_up(MODULES["generator"], timeout_s=60)
        for worker, at in zip(workers, before, strict=True):
            lines = warnings(worker.said()[at:])
            print(f"{worker.app_module}: {len(lines)} lines for {away_s:.0f} s", *lines[:40], sep="\n  ")
        assert [each.pid for each in workers if each.alive()] == pids
        for worker, at in zip(workers, before, strict=True):
            assert len(warnings(worker.said()[at:])) <= 2 + math.ceil(away_s / EVERY_S)
        for worker in reversed(profiles):
            assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        print(sent, "events")
        await ready(profiles[0])
        assert await asyncio.to_thread(profiles[0].terminate) == 0, profiles[0].said()[-3000:]
        await exact(place)

    asyncio.run(story())


def test_a_start_waits_for_a_broker_that_is_away(place: Cluster) -> None:
    """And says so, with what to type if none is meant to come."""

    async def story() -> None:
        worker = place.worker("catalogue", MODULES["catalogue"])
        with at_rest(place):
            worker.start()
            await asyncio.to_thread(
                worker.wait_for, lambda: "It is waited for" in worker.said(), 60, "says nothing"
            )
        await asyncio.to_thread(worker.wait_ready)
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]

    asyncio.run(story())
