"""Generator and renderer are killed between picture, creative and commit: no creative names a file that is
not there, and each creative gets its picture, those that many users share as well."""

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

pytestmark = [pytest.mark.broker, pytest.mark.faults]

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
                    assert await asyncio.to_thread(generator.wait_gone) == -9, generator.said()[-3000:]
                    generator.start()
                assert await asyncio.to_thread(renderer.wait_gone) == -9, renderer.said()[-3000:]
            del renderer.env["SHIFTCAST_FAIL_POINT"]
            stop.set()
            await input_
        await ready(renderer)
        await place.caught_up(GENERATOR)
        await place.caught_up(MODULE, timeout_s=300)  # some hundred pictures, and the machine may be shared
        for _ in range(60):  # who keeps the shelf hangs up what the renderer told
            if all(map(own_picture, shared_of(await creatives(place)).values())):
                break
            await asyncio.sleep(0.5)
        await verdict(place, folder, asked)

    asyncio.run(story())


async def creatives(place: Cluster) -> list[r.Creative]:
    values = [each.value for each in await place.read(CREATIVE.name)]
    return [msgspec.json.decode(each, type=r.Creative) for each in values if each]


async def verdict(place: Cluster, folder: Path, asked: list[str]) -> None:
    published = await creatives(place)
    first = {each.creative_id: each for each in published if each.request_id and not each.replaces_version}
    again = {each.creative_id: each for each in published if each.request_id and each.replaces_version}
    files = {each.name for each in folder.iterdir()}
    for each in again.values():
        assert each.replaces_version == first[each.creative_id].version
        assert {asset.url.removeprefix(URL) for asset in each.assets} <= files
    shelf_verdict(published, files)
    newest_of_key = {(each.audience.key, each.campaign_id, each.slot): each for each in first.values()}
    at_once = {key for key, each in first.items() if own_picture(each)}  # it was in the store already
    named = {asset.url.removeprefix(URL) for key in at_once for asset in first[key].assets}
    assert named <= files
    without = {each.creative_id for each in newest_of_key.values()} - again.keys() - at_once
    assert not without, f"{len(without)} of {len(first)} creatives stayed without a picture"
    assert len(again) > len(STEPS) and len(asked) > 0
    requests = await place.read(RENDER_REQUEST.name)
    assert not await place.read(DEAD.name)
    print(
        f"{len(first)} creatives, {len(requests)} render requests, {len(again)} pictured, {len(files)} files"
    )


def shared_of(published: list[r.Creative]) -> dict[tuple[str, str, str], r.Creative]:
    """The newest version under each key that many users share."""
    return {
        (each.audience.key, each.campaign_id, each.slot): each for each in published if not each.request_id
    }


def shelf_verdict(published: list[r.Creative], files: set[str]) -> None:
    """What stands for many users has its picture."""
    shared = shared_of(published)
    assert shared
    named = [asset.url for each in published if not each.request_id for asset in each.assets]
    assert {url.removeprefix(URL) for url in named if url.startswith(URL)} <= files
    bare = [key for key, each in shared.items() if not own_picture(each)]
    assert not bare, f"{len(bare)} of {len(shared)} shared creatives stayed without a picture: {bare[:3]}"
    drawn = {own_picture(each) for each in shared.values()}
    print(f"{len(shared)} shared creatives show {len(drawn)} pictures")


def own_picture(creative: r.Creative) -> str:
    """The file of a creative's own picture."""
    urls = [each.url for each in creative.assets if each.url.startswith(URL)]
    return urls[0] if urls else ""
