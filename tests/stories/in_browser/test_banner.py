"""Banners in a real browser: at the size of their slot nothing of the copy is cut, no script of a hostile
text runs, the policy has nothing to report, and pixels are called in their order."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from models.brief.brief import limits_of
from models.markup.banner import banner_html
from models.markup.slot_sizes import SIZES
from tests.models.markup.sample_ad import AD, ad
from tests.models.markup.test_formats import HOSTILE
from tests.stories.in_browser.page import CHROMIUM, page

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed (Debian: package chromium)"
)

SLOTS = [slot for slot in SIZES if not slot.startswith("video")]
WORDS = {
    "en": "Waterproof hiking boots for long wet weekends with a wide heel and room for thick socks all year",
    "de": "Wasserdichte Wanderschuhe mit Fersenhalt, Gelenkstütze und genug Platz für dicke Wollsocken",
    "zh": "防水登山鞋适合潮湿周末长途徒步宽鞋跟厚袜子全年舒适轻便耐磨透气保暖防滑值得信赖今天就出发",
    "ar": "أحذية مشي مقاومة للماء لعطلات نهاية الأسبوع الطويلة الرطبة مع كعب عريض ومساحة للجوارب السميكة",
}
CUT = """
(() => {
  const room = document.body.getBoundingClientRect(), cut = [];
  for (const each of document.querySelectorAll("b, p, small, i")) {
    const range = document.createRange();
    range.selectNodeContents(each);
    if (getComputedStyle(each).display === "none" || !each.textContent) continue;
    const box = range.getBoundingClientRect(), own = each.getBoundingClientRect();
    const out = box.left < room.left - 1 || box.top < room.top - 1 || box.right > room.right + 1 ||
      box.bottom > room.bottom + 1 || !own.height;
    if (out) cut.push([each.tagName, each.textContent, box.left, box.top, box.right, box.bottom]);
  }
  const div = document.querySelector("div");
  if (div.scrollHeight > div.clientHeight + 1 || div.scrollWidth > div.clientWidth + 1)
    cut.push(["DIV", div.scrollWidth, div.clientWidth, div.scrollHeight, div.clientHeight]);
  return {cut, w: Math.round(room.width), h: Math.round(room.height)};
})()
"""


def longest(language: str, slot: str) -> dict[str, str]:
    """Texts as long as review lets through for the slot."""
    limits, text = limits_of(slot), WORDS[language]
    width = 2 if language == "zh" else 1
    return {
        "headline": text[: limits.headline // width].strip(),
        "description": text[: limits.description // width].strip(),
        "cta": {"en": "See the details", "de": "Jetzt ansehen", "zh": "立即查看", "ar": "تسوق الآن"}[
            language
        ],
        "lang": language,
    }


def test_banners_in_a_browser(tmp_path: Path) -> None:
    async def run() -> None:
        async with page(tmp_path / "profile") as browser:
            found: list[Any] = []
            for slot in SLOTS:
                for language in WORDS:
                    w, h = SIZES[slot]
                    await browser.show(banner_html(ad(slot=slot, **longest(language, slot))), w, h)
                    shown = await browser.evaluate(CUT)
                    assert (shown["w"], shown["h"]) == (w, h)
                    found += [(slot, language, *each) for each in shown["cut"]]
                    assert not browser.refused(), slot
            assert not found, "\n".join(map(str, found))

            for text in HOSTILE:
                said = ad(headline=text, description=text, cta=text, brand=text, label=text)
                await browser.show(banner_html(said), 300, 250)
                assert (
                    await browser.evaluate(
                        "document.scripts.length + document.querySelectorAll('svg').length"
                    )
                    == 0
                )
                assert await browser.evaluate("document.querySelector('b').textContent") == text
                assert not browser.told("Page.javascriptDialogOpening") and not browser.refused(), text

            await browser.show(banner_html(AD), 300, 250)
            called = [each["request"]["url"] for each in browser.told("Network.requestWillBeSent")]
            pixels = [url for url in called if url.startswith("https://t.example/")]
            assert [url.partition("?")[0].rpartition("/")[2] for url in pixels] == ["l", "i"]

    asyncio.run(run())
