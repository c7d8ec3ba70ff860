"""Generator and renderer are killed between picture, creative and commit: no creative names a file that is
not there, and each creative gets its picture."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from streams import records as r
from streams.topics import CREATIVE, DEAD, RENDER_REQUEST
from tests.faults.cluster import Cluster, cluster, ready
from tests.faults.test_kill_generator import MODULE as GENERATOR
from tests.faults.test_kill_generator import ask

pytestmark = [pytest.mark.broker, pytest.mark.faults, pytest.mark.timeout(400)]

MODULE = "agents.render_assets"
URL = "https://cdn.example/ads/"
STEPS = ("pictures_stored:2", "pictures_acked:1", "pictures_stored:1", "pictures_acked:2")
PER_S = 4


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


def test_no_creative_names_a_file_that_is_not_there_and_none_stays_without(
    place: Cluster, tmp_path: Path
) -> None:
    folder = tmp_path / "assets"
    env = {"SHIFTCAST_ASSETS_URL": URL, "SHIFTCAST_ASSETS_DIR": str(folder)}

    async def story() -> None:
        generator, renderer = place.worker("g1", GENERATOR, **env), place.worker("r1", MODULE, **env)
        stop, asked = asyncio.Event(), list[str]()
        async with place.producer() as producer:
            input_ = asyncio.ensure_future(ask(producer, place.settings.partitions, asked, stop, PER_S))
            generator.env["SHIFTCAST_FAIL_POINT"] = "creatives_acked:3"
            generator.start()
            for step in STEPS:
                renderer.env["SHIFTCAST_FAIL_POINT"] = step
                renderer.start()
                if generator.env.pop("SHIFTCAST_FAIL_POINT", ""):
                    assert await asyncio.to_thread(generator.wait_gone, 90) == -9, generator.said()[-3000:]
                    generator.start()
                assert await asyncio.to_thread(renderer.wait_gone, 90) == -9, renderer.said()[-3000:]
            del renderer.env["SHIFTCAST_FAIL_POINT"]
            stop.set()
            await input_
        await ready(renderer)
        await place.caught_up(GENERATOR)
        await place.caught_up(MODULE)
        await verdict(place, folder, asked)

    asyncio.run(story())


async def verdict(place: Cluster, folder: Path, asked: list[str]) -> None:
    published = [
        msgspec.json.decode(each.value, type=r.Creative)
        for each in await place.read(CREATIVE.name)
        if each.value
    ]
    first = {each.creative_id: each for each in published if each.request_id and not each.replaces_version}
    again = {each.creative_id: each for each in published if each.replaces_version}
    files = {each.name for each in folder.iterdir()}
    for each in again.values():
        assert each.replaces_version == first[each.creative_id].version
        assert {asset.url.removeprefix(URL) for asset in each.assets} <= files
    newest_of_key = {(each.audience.key, each.campaign_id, each.slot): each for each in first.values()}
    without = {each.creative_id for each in newest_of_key.values()} - again.keys()
    assert not without, f"{len(without)} of {len(first)} creatives stayed without a picture"
    assert len(again) > len(STEPS) and len(asked) > 0
    requests = await place.read(RENDER_REQUEST.name)
    assert not await place.read(DEAD.name)
    print(
        f"{len(first)} creatives, {len(requests)} render requests, {len(again)} pictured, {len(files)} files"
    )
