"""The renderer's bucket dies and returns, and the renderer is killed meanwhile and while a clip is made: no
creative names a file that is not there, no request is lost, and what an erased user had goes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import obstore
import pytest

from agents.rendering.files.bucket import BucketStore, bucket_at
from agents.rendering.files.file_names import LET_GO_MS
from streams import records as r
from streams.topics import CREATIVE, DEAD, RENDER_REQUEST
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.partition import partition
from streams.wire.topic_codec import creative_key
from streams.wire.withdrawals import ERASED_CAUSE, withdrawal_output
from tests.agents.rendering.requests import NOW_MS, request
from tests.agents.rendering.s3_server import BUCKET, S3Server, mortal_s3_server
from tests.faults.cluster import Cluster, cluster, ready
from tests.workers import Worker

pytestmark = [pytest.mark.broker, pytest.mark.faults]

MODULE = "agents.render_assets"
URL = "https://cdn.example/ads/"
CLIP = 9
PLACE = f"s3://{BUCKET}/pictures"


def asked(n: int, slot: str = "banner_300x250") -> r.RenderRequest:
    """Of a creative whose words no other has: each has files of its own."""
    words = r.CopyText(
        f"Lamp number {n}", "Delivered to your room.", "Take a look", "Hearthside", ["Lamp", "Go"]
    )
    return request(n, slot, copy=words, expires=NOW_MS + 86_400_000)


async def ask(place: Cluster, *wanted: r.RenderRequest) -> None:
    outputs = []
    for each in wanted:
        key = creative_key(each.creative).encode()
        stamped = headers(RENDER_REQUEST.ce_type, each.creative.creative_id, NOW_MS)
        lane = partition(key, place.settings.partitions)
        outputs.append(Output(RENDER_REQUEST.name, key, encode(each), lane, stamped))
    await place.send(outputs)


async def pictured(place: Cluster) -> dict[str, str]:
    """Names of files by the creative that came again with them."""
    values = [each.value for each in await place.read(CREATIVE.name)]
    made = [msgspec.json.decode(each, type=r.Creative) for each in values if each]
    return {each.creative_id: each.assets[0].url.removeprefix(URL)[:40] for each in made}


async def until_said(worker: Worker, words: str, timeout_s: float = 120) -> None:
    async with asyncio.timeout(timeout_s):
        while words not in worker.said():
            assert worker.process is not None and worker.process.poll() is None, worker.said()[-3_000:]
            await asyncio.sleep(0.1)


def files_in(bucket: Any) -> set[str]:
    return {each["path"] for page in obstore.list(bucket) for each in page}


async def story(place: Cluster, server: S3Server, env: dict[str, str]) -> None:
    renderer = place.worker("r1", MODULE, **env)
    await ready(renderer)
    await ask(place, *map(asked, (1, 2)))
    await place.caught_up(MODULE)

    server.stop()
    await ask(place, asked(3))
    await until_said(renderer, "is waited for")
    await asyncio.to_thread(renderer.kill)
    await asyncio.to_thread(server.start)
    await ready(renderer)
    await asyncio.to_thread(server.stop)
    await ask(place, asked(4))
    await until_said(renderer, "is waited for")
    await asyncio.to_thread(server.start)
    await until_said(renderer, "answers again")
    await place.caught_up(MODULE)

    await ask(place, asked(CLIP, "video_16x9"), asked(5))
    async with asyncio.timeout(120):
        while "cr_0000000000000005" not in await pictured(place):  # pictures go before clips
            await asyncio.sleep(0.2)
    await asyncio.to_thread(renderer.kill)
    await ready(renderer)
    await place.caught_up(MODULE, timeout_s=300)

    named, there = await pictured(place), await asyncio.to_thread(files_in, bucket_at(PLACE))
    assert named.keys() == {f"cr_{n:016x}" for n in (1, 2, 3, 4, 5, CLIP)}, renderer.said()[-3_000:]
    assert {f"{each}.jpg" for each in named.values()} <= there and len(set(named.values())) == 6
    assert not await place.read(DEAD.name)
    await erased(place, renderer, named["cr_0000000000000001"])


async def erased(place: Cluster, renderer: Worker, name: str) -> None:
    """Of the erased user go the files, although the renderer is killed when he is."""
    await asyncio.to_thread(renderer.kill)
    key = "u:u1|c0|banner_300x250"
    lane = partition(key.encode(), place.settings.partitions)
    await place.send([withdrawal_output(key, "cr_0000000000000001", ERASED_CAUSE, lane, NOW_MS, name)])
    await ready(renderer)
    bucket = bucket_at(PLACE)
    async with asyncio.timeout(60):
        while f"{name}.going" not in await asyncio.to_thread(files_in, bucket):
            await asyncio.sleep(0.2)
    before = await asyncio.to_thread(files_in, bucket)
    store = BucketStore(bucket, lambda: NOW_MS)
    await asyncio.to_thread(store.remove_expired, NOW_MS + LET_GO_MS + 3_000_000)
    after = await asyncio.to_thread(files_in, bucket)
    assert {each for each in before - after if not each.startswith(name)} == set()
    assert not any(each.startswith(name) for each in after)


def test_a_store_that_dies_and_returns_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mortal_s3_server() as server, cluster(tmp_path) as place:
        env = {
            "AWS_ENDPOINT": server.address, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "eu-central-1", "SHIFTCAST_ASSETS_URL": URL, "SHIFTCAST_ASSETS_BUCKET": PLACE,
            "SHIFTCAST_ASSETS_DIR": str(tmp_path / "photos"),
        }  # fmt: skip
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        asyncio.run(story(place, server, env))
