"""An ad with everything, to be changed in tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from models.campaigns import EventTracker
from models.markup.ad import Ad, AdPicture, Clip

NOW_MS = 1_795_291_200_000
AD = Ad(
    creative_id="cr_00112233445566aa",
    template_id="t1",
    campaign_id="c1",
    slot="native",
    lang="en",
    headline="Boots for wet rock",
    description="Granite trail boots, ready for your weekend.",
    cta="Shop now",
    brand="Stridewell",
    link="https://shop.example/p/1?size=42&copy;=red",
    created_ms=NOW_MS,
    expires_ms=NOW_MS + 1_000,
    fallback_link="https://shop.example/",
    click_trackers=("https://t.example/c?x=${AUCTION_ID}",),
    trackers=(
        EventTracker(1, 1, "https://t.example/l"),
        EventTracker(2, 1, "https://t.example/i?p=${AUCTION_PRICE}&c=cr"),
        EventTracker(2, 2, "https://t.example/i.js"),
        EventTracker(3, 1, "https://t.example/v"),
        EventTracker(5, 1, "https://t.example/vv"),
        EventTracker(503, 1, "https://t.example/half"),
    ),
    picture=AdPicture("https://cdn.example/1.jpg", 1200, 628, "image/jpeg"),
    clips=(
        Clip("https://cdn.example/1.mp4", 1280, 720, "video/mp4", 6, "av01.0.05M.08", 183_479),
        Clip("https://cdn.example/2.mp4", 1280, 720, "video/mp4", 6),
    ),
    captions="https://cdn.example/1.vtt",
    label="AI-generated",
    origin="composite_with_trained_algorithmic_media",
    adomain=("shop.example",),
    categories=("1070",),
    category_taxonomy=8,
    attributes=(21,),
    audit_status=3,
)

REACTIONS = {name: f"https://collect.example/{name}?s=${{S}}&x=1" for name in ("like", "hide", "report")}
REACTING = (
    *AD.trackers,
    *(EventTracker(511 + n, 1, url) for n, url in enumerate(REACTIONS.values())),
    EventTracker(512, 2, "https://collect.example/hide.js"),
)
"""Trackers of an ad of which users may say what they think."""


def ad(**changes: Any) -> Ad:
    return replace(AD, **changes)
