"""`check` on a real broker: a worker that is there, one that was killed, and an offset that is no record."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer

from agents.checks.finding import CheckFinding
from agents.checks.groups import group_findings
from streams.topics import CLICK
from tests.faults.cluster import Cluster, cluster, ready
from tests.faults.crowd import Crowd, hand_over

pytestmark = [pytest.mark.broker]
PATIENCE_S = 90


async def of_profiles(place: Cluster) -> CheckFinding:
    return (await group_findings(place.settings))[0]


async def until(place: Cluster, said: str) -> CheckFinding:
    """The finding once it says so."""
    end = time.monotonic() + PATIENCE_S
    while said not in (found := await of_profiles(place)).text:
        assert time.monotonic() < end, found
    return found


def test_a_dead_worker_and_what_waits_for_it_are_errors(tmp_path: Path) -> None:
    async def story(place: Cluster) -> None:
        assert "none ever committed" in (await of_profiles(place)).text
        worker, crowd, n = place.worker("profiles"), Crowd(seed=3, mixed=50), place.settings.partitions
        await ready(worker)
        async with place.producer() as producer:
            await hand_over(producer, crowd.agreements(int(time.time() * 1000)), n)
        await place.caught_up()
        marker = Producer({"bootstrap.servers": place.settings.broker, "transactional.id": "t"})
        marker.init_transactions()
        marker.begin_transaction()
        marker.produce(CLICK.name, b"{}", b"someone", 0)
        marker.commit_transaction()
        assert (await until(place, "1 worker, ")).level == "ok", (
            "a marker behind the last record is no record"
        )
        worker.kill()
        async with place.producer() as producer:
            await hand_over(producer, crowd.agreements(int(time.time() * 1000)), n)
        found = await until(place, "records wait; it last wrote")
        assert found.level == "error" and "no worker, and" in found.text
        assert found.repair == "faust -A agents.update_profiles worker -l info"

    with cluster(tmp_path) as place:
        asyncio.run(story(place))
