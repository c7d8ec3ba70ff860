"""Rows that were lost: the worker reads again what it must know first."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import msgspec
import pytest

from streams.broker.admin import create
from streams.broker.clients import admin
from streams.records import Outcome
from streams.topics import CLICK, CONSENT, OUTCOME, changelog
from streams.wire.output import Output
from streams.wire.partition import partition
from tests.agents.feedback.outcome_log import history
from tests.agents.profiles.memory_lane import Consumed
from tests.broker.test_consent_first import learnt
from tests.faults.cluster import Cluster, cluster, ready
from tests.faults.crowd import ALL_PURPOSES, body
from tests.faults.test_kill_feedback import FEEDBACK, check_metrics
from tests.workers import Worker

pytestmark = [pytest.mark.broker]

USERS = [f"u{n}" for n in range(60)]


async def make_anew(place: Cluster, topic: str) -> None:
    """Delete a topic with all its records; it is created again, empty."""
    async with admin(place.settings) as client:
        await client.delete_topics([topic])
        while topic in await client.list_topics():
            await asyncio.sleep(0.1)
    await create(place.settings)


async def refused_until_its_folder_is_removed(worker: Worker) -> None:
    """While it runs, and when it is started again; then the repair that it names."""
    for _ in range(2):
        assert await asyncio.to_thread(worker.wait_gone) == 1
        (line,) = [each for each in worker.said().splitlines() if "was deleted and made anew" in each]
        assert "rm -r " in line
        assert "Traceback" not in worker.said()
        worker.start()
    assert await asyncio.to_thread(worker.wait_gone) == 1
    shutil.rmtree(worker.data_dir)


def test_who_had_consented_is_learnt_from_although_all_rows_were_lost(tmp_path: Path) -> None:
    """The repair that a refusal names: the folder is removed. The changelog is gone too; what was consented
    is committed, and must be read again all the same."""
    now_ms = int(time.time() * 1000)
    stated = [Output(CONSENT.name, u.encode(), body(u, now_ms - 1000, explicit=ALL_PURPOSES)) for u in USERS]
    clicks = [Output(CLICK.name, u.encode(), body(u, now_ms, id=f"k{u}", item_id="i1")) for u in USERS]
    with cluster(tmp_path) as place:

        async def story() -> None:
            worker = place.worker("w1")
            await place.send(stated)
            await ready(worker)
            await place.caught_up()
            await make_anew(place, changelog(place.settings.app_prefix).name)
            await refused_until_its_folder_is_removed(worker)
            await ready(worker)
            assert "is read again from offset 0" in worker.said()
            await place.send(clicks)
            await place.caught_up()
            assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
            assert learnt(worker.data_dir, place.settings.partitions) == len(USERS)
            await ready(worker)
            assert "is read again" not in worker.said()

        asyncio.run(story())


def test_sums_of_campaigns_hold_all_that_was_counted_although_all_rows_were_lost(tmp_path: Path) -> None:
    """Outcomes are compacted: each value that the lost rows had added up is still there to be read."""
    log = history(seed=7, rounds=8)
    half = len(log) // 2

    def said(outcomes: list[Consumed]) -> list[Output]:
        placed = [(each, msgspec.json.decode(each.value or b"", type=Outcome)) for each in outcomes]
        home = {each.campaign_id: partition(each.campaign_id.encode(), 2) for _, each in placed}
        return [Output(OUTCOME.name, e.key, e.value, home[o.campaign_id]) for e, o in placed]

    with cluster(tmp_path) as place:

        async def story() -> None:
            worker = place.worker("f1", FEEDBACK)
            await place.send(said(log[:half]))
            await ready(worker)
            await place.caught_up(FEEDBACK)
            await make_anew(place, changelog(place.settings.app_prefix, "feedback").name)
            await refused_until_its_folder_is_removed(worker)
            await ready(worker)
            assert f"{OUTCOME.name}[" in worker.said() and "is read again from offset 0" in worker.said()
            await place.send(said(log[half:]))
            await place.caught_up(FEEDBACK)
            assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
            assert await check_metrics(place)

        asyncio.run(story())
