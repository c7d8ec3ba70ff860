"""Two profile workers on one group: joining, leaving, killed, asleep too long, with and without a standby.
Rows stay exact."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from tests.faults.cluster import SESSION_S, Cluster, cluster, ready
from tests.faults.crowd import Crowd, flow, hand_over
from tests.faults.verdict import exact
from tests.seed import run_seed
from tests.workers import PATIENCE_S, Worker

pytestmark = [pytest.mark.broker, pytest.mark.faults]

PARTITIONS = 4


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path, PARTITIONS) as made:
        yield made


@asynccontextmanager
async def load(place: Cluster, first: Worker, per_s: int = 600) -> AsyncIterator[None]:
    """A crowd's events while the block runs; `first` has taken all agreements before."""
    crowd, stop = Crowd(run_seed()), asyncio.Event()
    async with place.producer() as producer:
        await hand_over(producer, crowd.agreements(int(time.time() * 1000)), PARTITIONS)
    await ready(first)
    await place.caught_up()
    async with place.producer() as producer:
        input_ = asyncio.ensure_future(flow(producer, crowd, PARTITIONS, stop, per_s))
        try:
            yield
        finally:
            stop.set()
            await input_


async def stop_and_settle(worker: Worker) -> None:
    """Stop, and start once more: the outcomes of the last second leave."""
    for _ in range(2):
        if not worker.alive():
            await ready(worker)
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]


def free(worker: Worker) -> Worker:
    """Without a fixed member id: a stop leaves the group at once."""
    del worker.env["SHIFTCAST_INSTANCE_ID"]
    return worker


def test_joining_and_leaving_under_load_loses_and_doubles_nothing(place: Cluster) -> None:
    async def story() -> None:
        first, second = free(place.worker("w1")), free(place.worker("w2"))
        async with load(place, first):
            for _ in range(2):
                await ready(second)
                await asyncio.sleep(1)
                assert await asyncio.to_thread(second.terminate) == 0, second.said()[-3000:]
            await ready(second)
            second.kill()
            shutil.rmtree(second.data_dir)  # what it had comes back from the changelog
            await ready(second)
            await asyncio.sleep(1)
            assert await asyncio.to_thread(first.terminate) == 0, first.said()[-3000:]
        await place.caught_up()
        await stop_and_settle(second)
        await exact(place)

    asyncio.run(story())


def test_a_worker_that_slept_past_its_session_ends_itself(place: Cluster) -> None:
    """Its lanes are another's by then: it must not write a row."""

    async def story() -> None:
        sleeper, other = place.worker("sleeper"), place.worker("other")
        async with load(place, sleeper):
            await ready(other)
            await asyncio.sleep(1)
            sleeper.signal(signal.SIGSTOP)
            before = await places(place)
            await until_all_move(place, before)
            sleeper.signal(signal.SIGCONT)
            assert await asyncio.to_thread(sleeper.wait_gone) == 1, sleeper.said()[-3000:]
        lines = sleeper.reasons()
        assert len(lines) == 1 and "start the worker again" in lines[0], lines
        assert "Traceback" not in sleeper.said()
        print(lines[0])
        await place.caught_up()
        await stop_and_settle(other)
        await exact(place)

    asyncio.run(story())


async def places(place: Cluster) -> dict[TopicPartition, int]:
    """What is committed of the event topics that a crowd fills on every partition."""
    return {
        tp: at
        for tp, (at, _) in (await place.committed()).items()
        if tp.topic in ("ads.click.v1", "ads.impression.v1")
    }


async def until_all_move(
    place: Cluster, before: dict[TopicPartition, int], timeout_s: float = PATIENCE_S
) -> float:
    """Until something newer than `before` is committed on every partition; s since the call."""
    began = time.monotonic()
    while any(at <= before[tp] for tp, at in (await places(place)).items()):
        assert time.monotonic() - began < timeout_s, "nobody took the lanes over"
        await asyncio.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.parametrize("standbys", ["0", "1"])
def test_a_killed_workers_lanes_go_on_at_another(place: Cluster, standbys: str) -> None:
    """Time until every lane has committed something new; most of it is the session that has to end."""

    async def story() -> None:
        first, second = (place.worker(name, SHIFTCAST_STANDBY_REPLICAS=standbys) for name in ("w1", "w2"))
        async with load(place, first):
            await ready(second)
            await asyncio.sleep(3)
            second.kill()
            took = await until_all_move(place, await places(place))
        print(
            f"standby replicas {standbys}: first new commit of the last lane {took:.1f} s after the kill "
            f"({SESSION_S} s session)"
        )
        await place.caught_up()
        await stop_and_settle(first)
        await exact(place)

    asyncio.run(story())
