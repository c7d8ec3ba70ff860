"""The broker is stopped, for long and for longer than any session, and killed: workers of all kinds stay, say
so in few lines, and go on by themselves. Nothing is lost, nothing is counted twice."""

from __future__ import annotations

import asyncio
import math
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from streams import records as r
from streams.topics import GENERATION, REQUEST
from tests.faults.cluster import SOURCES, Cluster, cluster, ready
from tests.faults.crowd import Crowd, flow, hand_over
from tests.faults.test_kill_generator import ask
from tests.faults.verdict import exact
from tests.seed import run_seed
from tests.workers import Worker

pytestmark = [pytest.mark.broker, pytest.mark.faults]

MODULES = {"catalogue": "agents.index_catalog", "generator": "agents.generate_creatives"}
EVERY_S = 10
Away = Callable[[Cluster, float], Awaitable[None]]
Events = Callable[[AIOKafkaProducer, asyncio.Event], Awaitable[None]]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


def warnings(text: str) -> list[str]:
    """Lines of a worker's log that are no information, but for what it says of this place's catalogue."""
    told = [
        line for line in text.splitlines() if not re.search("no default creative stands|leaves no item", line)
    ]
    return [line for line in told if re.search(r"\[WARNING\]|\[ERROR\]|Traceback", line)]


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


async def through(place: Cluster, workers: list[Worker], away: Away, seconds: float, events: Events) -> None:
    """Workers that take events while the broker goes away and comes back: the same processes have dealt with
    all of them, and were brief about it."""
    await ready(*workers)
    pids, before = [each.pid for each in workers], [len(each.said()) for each in workers]
    stop = asyncio.Event()
    async with place.producer() as producer:
        input_ = asyncio.ensure_future(events(producer, stop))
        await asyncio.sleep(2)
        began = time.monotonic()
        await away(place, seconds)
        away_s = time.monotonic() - began
        await asyncio.sleep(2)
        stop.set()
        await input_
    for module in {each.app_module for each in workers} & SOURCES.keys():
        await place.caught_up(module, timeout_s=120)
    assert [each.pid for each in workers if each.alive()] == pids
    for worker, at in zip(workers, before, strict=True):
        lines = warnings(worker.said()[at:])
        print(f"{worker.app_module}: {len(lines)} lines for {away_s:.0f} s", *lines, sep="\n  ")
        # a broker that begins may fall silent once more, which is told and ends
        assert len(lines) <= 4 + math.ceil(away_s / EVERY_S)
    for worker in reversed(workers):
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]


@pytest.mark.parametrize(("away", "seconds"), [(stopped, 20), (stopped, 75), (killed, 15)])
def test_profile_workers_outlive_a_broker_that_is_away(place: Cluster, away: Away, seconds: float) -> None:
    async def story() -> None:
        partitions, crowd = place.settings.partitions, Crowd(run_seed())
        workers = [place.worker("w1"), place.worker("w2")]
        async with place.producer() as producer:
            await hand_over(producer, crowd.agreements(int(time.time() * 1000)), partitions)

        async def events(producer: AIOKafkaProducer, stop: asyncio.Event) -> None:
            await flow(producer, crowd, partitions, stop, 400)

        await through(place, workers, away, seconds, events)
        # A member with a fixed name keeps its lanes while it is away: each sends the outcomes that the last
        # second of its lanes still owed
        await ready(*workers)
        for worker in workers:
            assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        await exact(place)

    asyncio.run(story())


@pytest.mark.parametrize(("away", "seconds"), [(stopped, 20), (killed, 15)])
def test_the_other_workers_outlive_a_broker_that_is_away(place: Cluster, away: Away, seconds: float) -> None:
    async def story() -> None:
        asked = list[str]()

        async def requests(producer: AIOKafkaProducer, stop: asyncio.Event) -> None:
            await ask(producer, place.settings.partitions, asked, stop)

        await through(place, [place.worker(*each) for each in MODULES.items()], away, seconds, requests)
        endings = [
            msgspec.json.decode(each.value, type=r.GenerationResult).request_id
            for each in await place.read(GENERATION.name)
        ]
        taken = {
            msgspec.json.decode(each.value, type=r.CreativeRequest).request_id
            for each in await place.read(REQUEST.name)
        }
        assert len(taken & set(asked)) > len(set(asked)) / 2  # the producer gives up some while it is away
        assert Counter(each for each in endings if each in taken) == Counter(taken)

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
