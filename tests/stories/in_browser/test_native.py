"""A native ad in a real browser: a small page of a publisher shows the response object. The picture is the
one that was drawn, texts stay texts whatever is in them, and trackers are called in their order."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from PIL import Image

from models.campaigns import EventTracker
from models.markup.ad import Ad, AdPicture
from models.markup.native import native_response
from models.scene.picture import draw_scene
from models.scene.scene import Scene
from tests.models.markup.sample_ad import ad
from tests.models.markup.test_formats import HOSTILE
from tests.models.scene.sample_scenes import FONTS
from tests.stories.in_browser.page import CHROMIUM, PATIENCE_S, Page, page
from tests.stories.in_browser.tls_site import answering

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed (Debian: package chromium)"
)

HOST = "publisher.example"
W, H = 600, 314
ORDER = ["1", "2", "3", "4"]
"""Native 1.2: impression, viewable (MRC 50 and 100 of a picture, 50 of a clip)."""
PUBLISHER = """<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src 'nonce-p'; connect-src 'self'; img-src 'self'; style-src 'nonce-p'">
<title></title>
<style nonce="p">body{margin:0} img{width:600px;height:314px;display:block} p{margin:8px}</style>
<body><script nonce="p">
(async () => {
  const native = await (await fetch("/native")).json();
  const call = event => native.eventtrackers
    .filter(each => each.event === event && each.method === 1)
    .forEach(each => { new Image().src = each.url });
  const link = Object.assign(document.createElement("a"), {href: native.link.url});
  for (const asset of native.assets) {
    const shown = document.createElement(asset.img ? "img" : "p");
    if (asset.img) { shown.src = asset.img.url; await shown.decode() }
    else shown.textContent = asset.title ? asset.title.text : asset.data.value;
    link.append(shown);
  }
  document.body.append(link);
  call(1);
  for (const event of [2, 3, 4]) { await new Promise(soon => setTimeout(soon, 50)); call(event) }
  document.title = "shown";
})();
</script>"""


class Site:
    """Serves page, object and picture."""

    def __init__(self) -> None:
        drawn = draw_scene(
            Scene("native", "", "", "", "", "Stridewell", noun="boots", tint="#7a4a28", seed=3), FONTS
        )
        self.picture = drawn.jpeg()
        self.native: dict[str, Any] = {}
        self.port = 0
        self.answers = {
            "/publisher": self.publisher,
            "/native": self.object,
            "/picture.jpg": self.image,
            "/t/{name}": self.tracker,
        }

    async def publisher(self, _request: web.Request) -> web.Response:
        return web.Response(text=PUBLISHER, content_type="text/html")

    async def object(self, _request: web.Request) -> web.Response:
        return web.json_response(self.native)

    async def image(self, _request: web.Request) -> web.Response:
        return web.Response(body=self.picture, content_type="image/jpeg")

    async def tracker(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    def ad(self, **texts: str) -> Ad:
        """One whose trackers lead here, and one more for scripts, which nobody may run."""
        at = f"https://{HOST}:{self.port}"
        trackers = [EventTracker(number, 1, f"{at}/t/{number - 1}") for number in (2, 3, 4, 5)]
        scripted = EventTracker(2, 2, f"{at}/t/script.js")
        picture = AdPicture(f"{at}/picture.jpg", 1200, 627, "image/jpeg")
        return ad(trackers=(*trackers, scripted), picture=picture, **texts)


async def show(browser: Page, site: Site, told: Ad) -> None:
    """Until the page has shown it and called its trackers."""
    site.native = json.loads(json.dumps(native_response(told)))
    await browser.visit(f"https://{HOST}:{site.port}/publisher", W, 700)
    async with asyncio.timeout(PATIENCE_S):
        while await browser.evaluate("document.title") != "shown":
            await asyncio.sleep(0.05)


def test_a_native_ad_is_shown_as_it_was_made(tmp_path: Path) -> None:
    site = Site()

    async def run() -> None:
        async with (
            answering(tmp_path, HOST, site.answers) as site.port,
            page(tmp_path / "profile", HOST) as browser,
        ):
            told = site.ad()
            await show(browser, site, told)
            assert browser.called() == ORDER, "in their order, and no script"
            assert not browser.refused()
            texts = await browser.evaluate("[...document.querySelectorAll('p')].map(e => e.textContent)")
            assert texts == [told.headline, told.brand, told.description, told.cta, told.label]
            assert await browser.evaluate("document.querySelector('a').href") == told.link
            taken = await browser.tell("Page.captureScreenshot", format="png")
            seen = Image.open(BytesIO(b64decode(taken["data"]))).convert("RGB").crop(await _place(browser))
            meant = Image.open(BytesIO(site.picture)).resize((W, H), Image.Resampling.BILINEAR)
            assert np.abs(np.asarray(seen, np.int16) - np.asarray(meant, np.int16)).mean() < 4

            for text in HOSTILE:
                await show(browser, site, site.ad(headline=text, description=text, cta=text, brand=text))
                kept = await browser.evaluate("document.querySelector('p').textContent")
                made = await browser.evaluate("document.querySelectorAll('a > :not(p):not(img)').length")
                assert (kept, made, browser.called()) == (text, 0, ORDER)
                assert not browser.told("Page.javascriptDialogOpening") and not browser.refused(), text

    asyncio.run(run())


async def _place(browser: Page) -> tuple[int, int, int, int]:
    """Of the picture on the page."""
    box = await browser.evaluate(
        "(b => [b.left, b.top, b.right, b.bottom])(document.querySelector('img').getBoundingClientRect())"
    )
    left, top, right, bottom = (round(each) for each in box)
    assert (right - left, bottom - top) == (W, H)
    return left, top, right, bottom
