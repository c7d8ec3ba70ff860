"""A clip in a real browser: VAST leads a small player to a file that plays at the size it is told with, its
events are called in their order, and hostile texts run nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from models.campaigns import EventTracker
from models.clip.clip import make_clip
from models.clip.formats import FORMATS
from models.markup.ad import Ad, Clip
from models.markup.slot_sizes import SIZES
from models.markup.vast import vast_document
from tests.models.clip.sample_stories import story
from tests.models.markup.sample_ad import ad
from tests.models.markup.test_formats import HOSTILE
from tests.models.scene.sample_scenes import FONTS
from tests.stories.in_browser.page import CHROMIUM, Page, page
from tests.stories.in_browser.tls_site import answering

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: package chromium)"),
]
HOST = "player.example"
SLOT = "video_16x9"
PATIENCE_S = 300.0
EVENTS = {1: "loaded", 2: "impression", 501: "start", 502: "firstQuartile", 503: "midpoint"} | {
    504: "thirdQuartile",
    505: "complete",
}
PLAYER = """<!DOCTYPE html><meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src 'nonce-p'; connect-src 'self'; media-src 'self'; img-src 'self'">
<title></title><body><script nonce="p">
(async () => {
  const xml = new DOMParser().parseFromString(await (await fetch("/vast")).text(), "text/xml");
  const texts = name => [...xml.getElementsByTagName(name)].map(each => each.textContent);
  const events = [...xml.getElementsByTagName("Tracking")].map(e => [e.getAttribute("event"), e.textContent]);
  const call = url => { if (url) new Image().src = url };
  const tell = name => events.filter(each => each[0] === name).forEach(each => call(each[1]));
  const video = Object.assign(document.createElement("video"), {muted: true, src: texts("MediaFile")[0]});
  const quarters = ["firstQuartile", "midpoint", "thirdQuartile"];
  video.onloadeddata = () => tell("loaded");
  video.onplaying = () => { texts("Impression").forEach(call); tell("start"); video.onplaying = null };
  video.ontimeupdate = () => {
    while (quarters.length && video.currentTime / video.duration >= (4 - quarters.length) / 4)
      tell(quarters.shift());
  };
  video.onended = () => { tell("complete"); document.title = "ended" };
  video.onerror = () => { document.title = "error " + video.error.message };
  document.body.append(texts("AdTitle")[0], video);
  await video.play();
})();
</script>"""


SEEN = """
(clip => [clip.videoWidth, clip.videoHeight, Math.round(clip.duration)])(document.querySelector("video"))
"""


class Site:
    """Serves player, document and clip; `called` are the trackers that came."""

    def __init__(self, clip: bytes) -> None:
        self.clip = clip
        self.vast = ""
        self.called: set[str] = set()
        self.port = 0
        self.answers = {
            "/clip.mp4": self.file,
            "/vast": self.document,
            "/player": self.player,
            "/t/{name}": self.tracker,
        }

    async def file(self, _request: web.Request) -> web.Response:
        return web.Response(body=self.clip, content_type="video/mp4")

    async def document(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.vast, content_type="application/xml")

    async def player(self, _request: web.Request) -> web.Response:
        return web.Response(text=PLAYER, content_type="text/html")

    async def tracker(self, request: web.Request) -> web.Response:
        self.called.add(request.match_info["name"])
        return web.Response(status=204)


def told(site: Site, **texts: str) -> Ad:
    at = f"https://{HOST}:{site.port}"
    w, h = SIZES[SLOT]
    return ad(
        slot=SLOT,
        trackers=tuple(EventTracker(number, 1, f"{at}/t/{name}") for number, name in EVENTS.items()),
        clips=(Clip(f"{at}/clip.mp4", w, h, "video/mp4", 6),),
        **texts,
    )


async def played(browser: Page, site: Site) -> None:
    """Until the clip has ended."""
    site.called.clear()
    await browser.visit(f"https://{HOST}:{site.port}/player", 1280, 800)
    async with asyncio.timeout(PATIENCE_S):
        while not (title := str(await browser.evaluate("document.title"))):
            await asyncio.sleep(0.1)
        assert title == "ended"
        while site.called != set(EVENTS.values()):
            await asyncio.sleep(0.05)


def test_a_clip_plays_at_its_size_and_tells_its_events_in_order(tmp_path: Path) -> None:
    pytest.importorskip("av")
    clip = make_clip(story(slot=SLOT), FONTS, ["av1"])[FORMATS["av1"].suffix]

    site = Site(clip)

    async def run() -> None:
        async with (
            answering(tmp_path, HOST, site.answers) as site.port,
            page(tmp_path / "profile", HOST) as browser,
        ):
            site.vast = vast_document(told(site))
            await played(browser, site)
            size = await browser.evaluate(SEEN)
            assert tuple(size) == (*SIZES[SLOT], 6)
            assert browser.called() == list(EVENTS.values())
            assert not browser.refused()
            for text in HOSTILE[:2]:
                site.vast = vast_document(told(site, headline=text, description=text, brand=text))
                await browser.visit(f"https://{HOST}:{site.port}/player", 1280, 800)
                async with asyncio.timeout(PATIENCE_S):
                    while not await browser.evaluate("!!document.querySelector('video')"):
                        await asyncio.sleep(0.05)
                assert await browser.evaluate("document.body.firstChild.nextSibling.textContent") == text
                assert await browser.evaluate("document.scripts.length") == 1
                assert not browser.told("Page.javascriptDialogOpening") and not browser.refused()

    asyncio.run(run())
