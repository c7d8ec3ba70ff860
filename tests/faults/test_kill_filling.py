"""The generator is killed while it fills the pool of copy: nothing is served that was not judged, and no
request is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from models.brief.brief import copy_slot
from streams import records as r
from streams.records.copies import JUDGED
from streams.topics import COPY, CREATIVE
from tests.faults.cluster import Cluster, cluster, ready
from tests.faults.test_kill_generator import MODULE, ask, verdict

pytestmark = [pytest.mark.broker, pytest.mark.faults]

STEPS = ("copy_judged:2", "copy_acked:3", "copy_judged:4", "creatives_acked:3")
OUTSIDE = 2
BAR = 0.15
"""The words of this catalogue mean nothing: the judge's own bar is for real ones."""
PER_S = 1.0
INTEREST = 7
"""Few requests, so that there is idle time, and all for the same ten items."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


def test_kills_while_it_fills_serve_nothing_unjudged_and_lose_no_request(place: Cluster) -> None:
    async def story() -> None:
        env = {
            "SHIFTCAST_COPYWRITER": "model",
            "SHIFTCAST_POOL_CORE_SHARE": "1",
            "SHIFTCAST_POOL_BAR": str(BAR),
        }
        worker, stop, asked = place.worker("g1", MODULE, **env), asyncio.Event(), list[str]()
        async with place.producer() as producer:
            input_ = asyncio.ensure_future(
                ask(producer, place.settings.partitions, asked, stop, PER_S, INTEREST)
            )
            for step in STEPS:
                worker.env["SHIFTCAST_FAIL_POINT"] = step
                worker.start()
                assert await asyncio.to_thread(worker.wait_gone) == -9, worker.said()[-3000:]
            del worker.env["SHIFTCAST_FAIL_POINT"]
            for n in range(OUTSIDE):
                await ready(worker)
                await asyncio.sleep(1.0 + n)
                worker.kill()
            await ready(worker)
            await until_served(place)
            stop.set()
            await input_
        await place.caught_up(MODULE)
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        await verdict(place, asked)
        await judged_alone(place)

    asyncio.run(story())


async def published(place: Cluster) -> list[tuple[int, r.Creative]]:
    """Creatives of requests with their append times."""
    found = [
        (raw.timestamp, msgspec.json.decode(raw.value, type=r.Creative))
        for raw in await place.read(CREATIVE.name)
        if raw.value
    ]
    return [each for each in found if each[1].request_id]


async def until_served(place: Cluster, creatives: int = 5) -> None:
    """Until some requests were answered from the pool."""
    async with asyncio.timeout(240):
        while sum(each.source == "pool" for _, each in await published(place)) < creatives:
            await asyncio.sleep(1.0)


async def judged_alone(place: Cluster) -> None:
    """Every creative of the pool has the words of an entry that was stored, judged and above the bar, before
    it."""
    entries: dict[str, tuple[int, r.CopyEntry]] = {}
    for raw in await place.read(COPY.name):
        if raw.value:
            entry = msgspec.json.decode(raw.value, type=r.CopyEntry)
            entries.setdefault(entry.copy_id, (raw.timestamp, entry))
    assert all(each.status == JUDGED and each.score >= each.recipe.bar == BAR for _, each in entries.values())
    served = [(at_ms, each) for at_ms, each in await published(place) if each.source == "pool"]
    for at_ms, creative in served:
        stored_ms, entry = entries[creative.copy_id or ""]
        assert stored_ms <= at_ms
        assert (entry.campaign_id, entry.item_id, entry.slot) == (
            creative.campaign_id,
            creative.item_id,
            copy_slot(creative.slot),
        )
        assert entry.copy == creative.copy
    print(f"{len(STEPS) + OUTSIDE} kills, {len(entries)} entries, {len(served)} creatives of them")
