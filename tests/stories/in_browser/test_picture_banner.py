"""Banners that are a drawn picture, as they are served once it is there, in a real browser: the screen shows
the picture whole at its size, its corner unfolds within it, and what a hostile text says stays a text."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from aiohttp import web
from PIL import Image

from models.arrays import FloatArray
from models.markup.ad import Ad, AdPicture
from models.markup.banner import banner_html
from models.scene.layouts import layout_of, layouts
from models.scene.picture import draw_scene
from models.scene.scene import Scene
from tests.models.markup.sample_ad import REACTING, ad
from tests.models.markup.test_formats import HOSTILE
from tests.models.scene.sample_scenes import FONTS
from tests.stories.in_browser.page import CHROMIUM, Page, page
from tests.stories.in_browser.tls_site import answering

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed (Debian: package chromium)"
)

HOST = "cdn.example"
SLOTS = sorted(layouts().keys() - {"native"})
WORDS = ("A lamp for long evenings", "Warm light, delivered to the room of your choice.", "Take a look")
PLAIN = 40
"""Of 255: within it a ground shades off, letters and buttons differ by more."""
ALIKE = 3.0
"""Mean difference of 255 between two readings of a JPEG."""
CORNER = """
(() => {
  const room = {w: innerWidth, h: innerHeight}, menu = document.querySelector("details");
  const inside = each => {
    const box = each.getBoundingClientRect();
    return box.left >= 0 && box.top >= 0 && box.right <= room.w && box.bottom <= room.h && box.width > 0;
  };
  const mark = menu.querySelector("summary"), folded = inside(mark), box = mark.getBoundingClientRect();
  mark.click();
  const links = [...menu.querySelectorAll("a")];
  const top = links.every(each => {
    const box = each.getBoundingClientRect();
    return document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2) === each;
  });
  const at = [box.left, box.top, box.right, box.bottom], unfolded = menu.open && links.every(inside);
  return {at, folded, unfolded, top, links: links.length};
})()
"""
SHOWN = """
(async () => {
  const image = document.querySelector("img"), box = image.getBoundingClientRect();
  await image.decode();
  return {alt: image.alt, loaded: image.naturalWidth, box: [box.left, box.top, box.width, box.height],
    scripts: document.scripts.length, svgs: document.querySelectorAll("svg").length};
})()
"""


def drawn(slot: str) -> bytes:
    """The picture of a lamp's ad."""
    scene = Scene(
        slot, "en", *WORDS, "Hearthside", "$89.99", "Advertisement", "lamp", ("#0b57d0",), 7, title="Lamp"
    )
    return draw_scene(scene, FONTS, {}).jpeg(b"")


def pictured(slot: str, port: int, said: str = WORDS[0], reacting: bool = False) -> Ad:
    w, h = layout_of(slot).size
    picture = AdPicture(f"https://{HOST}:{port}/{slot}.jpg", w, h, "image/jpeg", True)
    made = ad(slot=slot, headline=said, picture=picture)
    return replace(made, trackers=REACTING) if reacting else made


class Paper:
    """The publisher that shows it, beside the pictures."""

    def __init__(self, browser: Page) -> None:
        self.browser = browser
        self.port = 0
        self.ad = ""

    async def answer(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.ad, content_type="text/html")

    async def show(self, made: Ad) -> None:
        self.ad = banner_html(made)
        w, h = layout_of(made.slot).size
        await self.browser.visit(f"https://{HOST}:{self.port}/ad", w, h)


async def screen(browser: Page) -> FloatArray:
    """What it shows, (h, w, 3)."""
    shot = await browser.tell("Page.captureScreenshot", format="png")
    return pixels(b64decode(shot["data"]))


def pixels(data: bytes) -> FloatArray:
    with Image.open(BytesIO(data)) as image:
        return np.array(image.convert("RGB"), np.float32)


def apart(shown: FloatArray, meant: FloatArray) -> float:
    """Mean difference."""
    assert shown.shape == meant.shape
    return float(np.abs(shown - meant).mean())


async def look(paper: Paper, pictures: dict[str, bytes], kept: Path) -> None:
    browser, port = paper.browser, paper.port
    for slot in SLOTS:
        w, h = layout_of(slot).size
        meant = pixels(pictures[slot])
        await paper.show(pictured(slot, port))
        shown = await browser.evaluate(SHOWN)
        assert shown["box"] == [0, 0, w, h] and shown["loaded"] == w, slot
        assert apart(await screen(browser), meant) < ALIKE, slot
        await paper.show(pictured(slot, port, reacting=True))
        seen = await screen(browser)
        Image.fromarray(seen.astype(np.uint8)).save(kept / f"{slot}.png")
        corner = await browser.evaluate(CORNER)
        left, top, right, bottom = map(round, corner.pop("at"))
        covered = meant[top:bottom, left:right]
        assert np.ptp(covered, (0, 1)).max() < PLAIN, f"{slot}: the corner covers something of the picture"
        assert np.abs(seen[top:bottom, left:right] - covered).max() > PLAIN, f"{slot}: there is no corner"
        seen[top:bottom, left:right] = covered
        assert apart(seen, meant) < ALIKE, slot
        assert corner == {"folded": True, "unfolded": True, "top": True, "links": 3}, (slot, corner)
        Image.fromarray((await screen(browser)).astype(np.uint8)).save(kept / f"{slot}-unfolded.png")
        assert not browser.refused(), slot


async def hostile(paper: Paper, texts: Iterable[str]) -> None:
    browser = paper.browser
    for text in texts:
        await paper.show(pictured("banner_300x250", paper.port, text, reacting=True))
        shown = await browser.evaluate(SHOWN)
        assert shown["alt"].startswith(text) and shown["scripts"] == shown["svgs"] == 0, text
        assert not browser.told("Page.javascriptDialogOpening") and not browser.refused(), text


def test_a_drawn_picture_fills_its_slot_and_what_is_said_of_it_stays_a_text(tmp_path: Path) -> None:
    pictures = {slot: drawn(slot) for slot in SLOTS}

    async def picture(request: web.Request) -> web.Response:
        return web.Response(body=pictures[request.path[1:-4]], content_type="image/jpeg")

    async def run() -> None:
        async with page(tmp_path / "profile", HOST) as browser:
            paper = Paper(browser)
            answers = {"/ad": paper.answer, **{f"/{slot}.jpg": picture for slot in SLOTS}}
            async with answering(tmp_path, HOST, answers) as paper.port:
                await look(paper, pictures, tmp_path)
                await hostile(paper, HOSTILE)

    asyncio.run(run())
