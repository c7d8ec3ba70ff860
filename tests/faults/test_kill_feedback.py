"""Profile and feedback workers are killed ten times under load that says one event in twenty twice, and a
second feedback worker comes and goes: the last value of every key of the metric topic equals a batch
computation, with its rates, of campaigns that suppress cells of few users and of others; and so do the
counters behind it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec
import pytest

from agents.feedback.cells import Cell
from streams import records as r
from streams.lane.fail_point import FAIL_STEPS
from streams.topics import ARM, CAMPAIGN, CREATIVE_METRIC, OUTCOME
from streams.wire.codecs import encode
from streams.wire.output import Output
from tests.agents.feedback.batch_metrics import check_metric
from tests.agents.feedback.outcome_log import batch_totals
from tests.faults.cluster import Cluster, campaigns, cluster, ready
from tests.faults.crowd import Crowd, flow, hand_over
from tests.faults.verdict import exact
from tests.seed import run_seed
from tests.workers import Worker

pytestmark = [pytest.mark.broker, pytest.mark.faults]

FEEDBACK = "agents.measure_feedback"
KILLS = 10
STRICT = ("c1", "c2")
K = 50


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


def test_metrics_equal_the_batch_after_kills_of_profile_and_feedback_workers(place: Cluster) -> None:
    crowd, partitions = Crowd(run_seed(), twice=0.05), place.settings.partitions

    async def story() -> None:
        profiles, feedback = place.worker("w1"), place.worker("f1", FEEDBACK)
        stop = asyncio.Event()
        await suppress(place)
        async with place.producer() as producer:
            await hand_over(producer, crowd.agreements(int(time.time() * 1000)), partitions)
        async with place.producer() as producer:
            await ready(profiles)
            await place.caught_up()
            input_ = asyncio.ensure_future(flow(producer, crowd, partitions, stop))
            assert await kill_both(profiles, feedback) == KILLS
            await ready(feedback, second := place.worker("f2", FEEDBACK))
            assert await asyncio.to_thread(second.terminate) == 0, second.said()[-3000:]
            stop.set()
            await input_
        await place.caught_up()
        assert await asyncio.to_thread(profiles.terminate) == 0, profiles.said()[-3000:]
        await ready(profiles)  # sends the outcomes that the last second still owed
        assert await asyncio.to_thread(profiles.terminate) == 0, profiles.said()[-3000:]
        await place.caught_up(FEEDBACK)
        assert await asyncio.to_thread(feedback.terminate) == 0, feedback.said()[-3000:]
        await exact(place)
        print(f"{await check_metrics(place, STRICT)} cells and windows equal the batch")
        assert {record.key for record in await place.read(ARM.name)}

    asyncio.run(story())


async def suppress(place: Cluster) -> None:
    """Cells of some campaigns that fewer than K users saw are not told."""
    strict = [
        msgspec.structs.replace(each, version=2, k=K) for each in campaigns() if each.campaign_id in STRICT
    ]
    await place.send([Output(CAMPAIGN.name, each.campaign_id.encode(), encode(each)) for each in strict])


async def kill_both(profiles: Worker, feedback: Worker) -> int:
    """Feedback dies once at each step of a flush, the profile worker beside it now and then. Returns how many
    died."""
    killed = 0
    for n, step in enumerate(each for each in FAIL_STEPS if each != "committed"):
        feedback.env["SHIFTCAST_FAIL_POINT"] = f"{step}:{1 + n % 3}"
        feedback.start()
        if n % 2:
            profiles.kill()
            killed += 1
            await ready(profiles)
        assert await asyncio.to_thread(feedback.wait_gone) == -9, feedback.said()[-3000:]
        killed += 1
    del feedback.env["SHIFTCAST_FAIL_POINT"]
    return killed


async def check_metrics(place: Cluster, strict: Collection[str] = ()) -> int:
    """The last value per key against the sums of the outcomes' last values; campaigns of `strict` suppress
    cells of fewer than K users. Returns how many."""
    found = {
        record.key.decode(): msgspec.json.decode(record.value, type=r.CreativeMetric)
        for record in await place.read(CREATIVE_METRIC.name)
    }
    expected = batch_totals(await place.read(OUTCOME.name))
    assert found.keys() == {Cell(*each).key for each in expected}
    for each, sums in expected.items():
        check_metric(each, sums, found[Cell(*each).key], k=K if each[0] in strict else 0)
    suppressed = sum(each.suppressed for each in found.values())
    asked = sum(each.campaign_id in strict for each in found.values())
    assert bool(suppressed) == bool(strict) and (suppressed < asked or not strict)
    return len(found)
