"""The page's pictures in a real browser: they hang by campaign and slot, variants side by side, filters leave
what is asked for, a user's ladder is shown, and a hostile headline stays a text."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestServer
from msgspec import structs

from agents.overview.gauges import GaugeSample
from agents.overview.inquiries import Inquiries
from agents.overview.page import Page as Served
from agents.overview.routes import build_page
from agents.overview.serving import hosts_of
from streams import records as r
from tests.agents.overview.test_gallery import arrived, pictured
from tests.agents.overview.test_overview import NOW_MS, seen
from tests.agents.rendering.requests import creative
from tests.stories.in_browser.page import CHROMIUM, PATIENCE_S, Page, page
from tests.stories.in_browser.test_picture_banner import drawn

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed (Debian: package chromium)"
)

NAMES = [f"{letter * 40}.jpg" for letter in "abc"]
HOSTILE = "<img src=x onerror=alert(1)>"
TOKEN = "a-token-of-the-operator"
HUNG = """
(() => ({
  groups: [...document.querySelectorAll("#shown .group")].map(each => each.querySelector("h3").textContent),
  images: [...document.images].filter(each => each.closest("#shown"))
    .map(each => [each.src.split("/").pop(), each.naturalWidth]),
  alts: [...document.querySelectorAll("#shown img")].map(each => each.alt),
  variants: [...document.querySelectorAll("#shown .variants")].map(each => each.children.length),
  unpictured: document.querySelector("#unpictured").textContent.split(" ")[0],
}))()
"""


class Rungs:
    """Answers for every user: one place with a picture, and the text below it."""

    async def ladder(self, user: str) -> dict[str, Any]:
        rung = {
            "headline": HOSTILE, "description": "Dry feet.", "cta": "Shop now", "audience": "user",
            "source": "pool", "expires": NOW_MS, "creative_id": "cr_1", "picture": NAMES[0],
        }  # fmt: skip
        below = {**rung, "audience": "default", "source": "", "picture": ""}
        place = {"campaign_id": "c0", "slot": "native", "rungs": [rung, below]}
        return {"segment": user, "places": [place]}


def served(folder: Path) -> Served:
    """Two variants of one item, another slot's picture, and one creative without."""
    for name, slot in zip(NAMES, ("banner_300x250", "banner_300x250", "native"), strict=True):
        (folder / name).write_bytes(drawn("banner_300x250" if slot == "native" else slot))
    hostile = r.CopyText(HOSTILE, "Dry feet.", "Shop now", "Hearthside")
    shown = [
        pictured(1, NAMES[0]),
        structs.replace(pictured(2, NAMES[1]), template_id="t2", copy=hostile),
        structs.replace(pictured(3, NAMES[2]), slot="native"),
    ]
    overview = seen(*map(arrived, [*shown, creative(4)]))
    made = Served(overview, TOKEN, hosts_of("127.0.0.1"), pictures=folder, inquiries=cast(Inquiries, Rungs()))
    made.take(GaugeSample(NOW_MS, 240.0, {}, {"profiles": 12}, {"profiles": 2}, 9_000))
    return made


async def hung(browser: Page, groups: int) -> dict[str, Any]:
    """What hangs once so many groups do and all their pictures are there."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found: dict[str, Any] = await browser.evaluate(HUNG)
            if len(found["groups"]) == groups and all(width for _, width in found["images"]):
                return found
            await browser.evaluate(
                "document.querySelectorAll('#shown img').forEach(e => e.loading = 'eager')"
            )
            await asyncio.sleep(0.1)


async def story(browser: Page, port: int) -> None:
    await browser.visit(f"http://127.0.0.1:{port}/#{TOKEN}", 1200, 1600)
    all_hung = await hung(browser, 2)
    assert all_hung["groups"] == ["c0 · banner 300x250", "c0 · native"]
    assert sorted(name for name, _ in all_hung["images"]) == NAMES
    assert all_hung["variants"] == [2] and all_hung["unpictured"] == "1"
    assert any(each.startswith(HOSTILE) for each in all_hung["alts"])

    await browser.evaluate("document.querySelector('#ofslot').value = 'native'")
    assert [name for name, _ in (await hung(browser, 1))["images"]] == [NAMES[2]]

    await browser.evaluate(
        "document.querySelector('#ofuser').value = 'u-7';document.querySelector('#askladder').requestSubmit()"
    )
    async with asyncio.timeout(PATIENCE_S):
        while not await browser.evaluate("document.querySelectorAll('.rung').length"):
            await asyncio.sleep(0.1)
    said = await browser.evaluate("document.querySelector('#places').innerText")
    assert "In segment u-7" in said and HOSTILE in said and "for the default" in said
    assert await browser.evaluate("document.querySelectorAll('.rung img').length") == 1
    assert await browser.evaluate("document.querySelectorAll('[onerror]').length") == 0
    assert not browser.told("Page.javascriptDialogOpening") and not browser.refused()
    assert not browser.told("Runtime.exceptionThrown")


def test_the_pages_pictures_hang_and_a_ladder_is_shown(tmp_path: Path) -> None:
    async def run() -> None:
        async with TestServer(build_page(served(tmp_path))) as server, page(tmp_path / "profile") as browser:
            assert server.port is not None
            await story(browser, server.port)

    asyncio.run(run())
