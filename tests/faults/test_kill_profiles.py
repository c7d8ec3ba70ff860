"""The profile worker is killed again and again under load, disk kept and lost in turn; what remains is
exact."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.row import HEADER
from streams.lane.fail_point import FAIL_STEPS
from streams.topics import USER_TOPICS
from streams.worker.app import changelog_of
from tests.faults.cluster import Cluster, cluster, ready
from tests.faults.crowd import Crowd, flow, hand_over
from tests.faults.verdict import exact, stored
from tests.seed import run_seed
from tests.workers import Worker

pytestmark = [pytest.mark.broker, pytest.mark.faults]

AT_STEPS = 2 * len(FAIL_STEPS)
KILLS = 20
MOST_KILLS = 30


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


def test_rows_are_exact_after_twenty_kills(place: Cluster) -> None:
    crowd, partitions = Crowd(run_seed()), place.settings.partitions

    async def story() -> None:
        worker, stop = place.worker("w1"), asyncio.Event()
        async with place.producer() as producer:
            await hand_over(producer, crowd.agreements(int(time.time() * 1000)), partitions)
        async with place.producer() as producer:
            await ready(worker)
            await place.caught_up()
            worker.kill()
            input_ = asyncio.ensure_future(flow(producer, crowd, partitions, stop))
            began = time.monotonic()
            counted = await kill_again_and_again(place, worker)
            took = time.monotonic() - began
            stop.set()
            sent = await input_
        await ready(worker)
        await place.caught_up()
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        await ready(worker)  # sends the outcomes that the last second still owed
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        print(
            f"{sum(counted.values())} kills in {took:.0f} s while {sent} events arrived "
            f"({sent / took:.0f}/s): {dict(counted)}"
        )
        assert sum(counted.values()) >= min(20, KILLS) and set(FAIL_STEPS) <= counted.keys()
        run = await exact(place)
        assert stored(worker.data_dir, partitions) == run.lanes

    asyncio.run(story())


async def kill_again_and_again(place: Cluster, worker: Worker) -> Counter[str]:
    """Kills that count, by step; those from outside count when something had been applied that was not
    committed."""
    counted: Counter[str] = Counter()
    for n in range(MOST_KILLS):
        worker.env.pop("SHIFTCAST_FAIL_POINT", None)
        if n < AT_STEPS:
            step = FAIL_STEPS[n % len(FAIL_STEPS)]
            worker.env["SHIFTCAST_FAIL_POINT"] = (
                f"{step}:{1 + n % 2}" if step == "committed" else f"{step}:{2 + n % 5}"
            )
            worker.start()
            assert await asyncio.to_thread(worker.wait_gone) == -9, worker.said()[-3000:]
            counted[step] += 1
        else:
            before = await flushed(place)
            await ready(worker)
            while await flushed(place) == before:
                await asyncio.sleep(0.1)
            worker.kill()
            counted["outside"] += await replays(place)
        if n % 2:
            shutil.rmtree(worker.data_dir)
        if sum(counted.values()) >= KILLS:
            break
    return counted


async def flushed(place: Cluster) -> list[list[int]]:
    """Per lane the newest durable offset of each source."""
    last = await place.last_of(changelog_of(place.settings, "profiles").name, b"l")
    return [
        np.frombuffer(value[: HEADER.itemsize], HEADER)[0]["fence"].tolist()
        if value
        else [-1] * len(USER_TOPICS)
        for value in last
    ]


async def replays(place: Cluster) -> bool:
    """Whether the next owner will read records again that durable rows contain already."""
    durable = [
        dict(zip([spec.name for spec in USER_TOPICS], fence, strict=False)) for fence in await flushed(place)
    ]
    return any(at <= durable[tp.partition][tp.topic] for tp, (at, _) in (await place.committed()).items())
