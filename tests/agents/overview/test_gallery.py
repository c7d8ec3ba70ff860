"""Pictures on the page: each once, newest first; a creative that comes again with one is not another
creative."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer
from msgspec import structs

from agents.overview.gallery import PICTURES
from agents.overview.guard import HEADERS
from agents.overview.page import Page
from agents.overview.routes import build_page
from agents.overview.serving import hosts_of
from agents.overview.state import Overview
from streams import records as r
from streams import topics
from streams.wire.codecs import encode
from tests.agents.overview.test_overview import Arrived, seen
from tests.agents.rendering.requests import creative

NAME = f"{'a' * 40}.jpg"


def arrived(made: r.Creative) -> Arrived:
    return Arrived(topics.CREATIVE.name, encode(made))


def pictured(n: int = 1, name: str = NAME) -> r.Creative:
    asset = r.Asset("ad", f"https://cdn.example/ads/{name}", 3, "image/jpeg", 300, 250, sha256="5" * 64)
    return creative(n, assets=[asset], version=2, replaces_version=1)


def test_a_creative_that_comes_again_adds_its_picture_and_counts_once() -> None:
    overview = seen(arrived(creative(1)), arrived(pictured(1)))
    public = overview.public()
    assert public["creatives"] == {"model": 1}
    assert len(public["cards"]) == 1
    [shown] = public["pictures"]
    assert (shown["file"], shown["campaign_id"], shown["slot"], shown["w"]) == (
        NAME,
        "c0",
        "banner_300x250",
        300,
    )


def test_a_picture_that_many_show_hangs_once_and_the_newest_first() -> None:
    other = f"{'b' * 40}.jpg"
    overview = seen(*map(arrived, (pictured(1), pictured(2, other), pictured(3))))
    assert [each["file"] for each in overview.public()["pictures"]] == [NAME, other]
    for n in range(PICTURES + 5):
        overview.gallery.take(pictured(n, f"{n:040x}.jpg"))
    assert len(overview.public()["pictures"]) == PICTURES


def test_creatives_without_a_picture_of_their_own_are_counted() -> None:
    overview = seen(*map(arrived, (creative(1), creative(2), creative(3, "text"))))
    assert overview.public()["without_picture"] == 2, "a slot of text has no pictures"
    assert seen(*map(arrived, (creative(1), creative(2), pictured(1)))).public()["without_picture"] == 1


def test_a_first_version_that_names_a_picture_of_the_store_hangs_and_a_shops_own_does_not() -> None:
    named = structs.replace(pictured(1), version=1, replaces_version=None)
    shop = r.Asset("main", "https://shop.example/1.jpg", 3)
    overview = seen(arrived(named), arrived(creative(2, assets=[shop])))
    public = overview.public()
    assert ([each["file"] for each in public["pictures"]], public["without_picture"]) == ([NAME], 1)
    assert len(public["cards"]) == 2 and overview.gallery.file_of(named.creative_id) == NAME


def test_a_clip_hangs_with_its_poster_and_its_captions() -> None:
    names = [f"{'c' * 40}{suffix}" for suffix in (".jpg", ".av1.mp4", ".vtt")]
    kinds = [("poster", "image/jpeg"), ("clip", "video/mp4"), ("captions", "text/vtt")]
    assets = [
        r.Asset(role, f"https://cdn.example/ads/{name}", mime=mime, w=1280, h=720, sha256="5" * 64)
        for name, (role, mime) in zip(names, kinds, strict=True)
    ]
    filmed = creative(4, "video_16x9", assets=assets, version=2, replaces_version=1)
    overview = seen(arrived(pictured(1)), arrived(filmed))
    clip, picture = overview.public()["pictures"]
    assert [clip[name] for name in ("file", "clip", "captions")] == names
    assert (picture["clip"], picture["captions"]) == ("", "")
    assert [each.clip for each in overview.gallery.clips()] == names[1:2]
    assert "media-src 'self'" in HEADERS["Content-Security-Policy"]


def test_the_page_shows_the_files_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"jpeg")
    made = replace(Page(Overview(b"s"), "t", hosts_of("127.0.0.1")), pictures=tmp_path)

    async def run() -> None:
        async with TestClient(TestServer(build_page(made))) as client:
            answer = await client.get(f"/assets/{NAME}")
            assert (answer.status, await answer.read()) == (200, b"jpeg")
            assert HEADERS["Content-Security-Policy"] == answer.headers["Content-Security-Policy"]
            assert (await client.get("/assets/page.html")).status == 404

    asyncio.run(run())
