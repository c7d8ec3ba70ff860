"""Requests, campaigns and plans for the tests of the generator."""

from __future__ import annotations

from agents.generation.plan import Plan, SlotPlan
from models.campaigns import Campaign, Dsa, Template
from models.copywriter.brief import Brief, Copy
from models.item import Item
from streams import records as r

NOW_MS = 1_795_291_200_000
BOOT = Item(
    "i1", "Granite trail boots", "https://shop.example/p/1", "boots", ("footwear",), price_minor=12_900, currency="USD",
    images=("https://cdn.example/1.jpg",),
)  # fmt: skip
NATIVE = Template("t-native", "native", "en", "{brand}: find your {noun}", "{title} for {price}.", "Shop now")
BANNER = Template("t-banner", "banner_300x250", "en", "Your next {noun}", "See the {title} at {brand}.", "See details")
CAMPAIGN = Campaign(
    "c1",
    3,
    "active",
    "Stridewell",
    adomain=("shop.example",),
    templates=(NATIVE, BANNER),
    ctas=("Shop now", "See details"),
    dsa=Dsa("S", "S"),
)


def request(n: int = 1, user: str = "u1", n_trig: int = 1, deadline: int = NOW_MS + 1_000, **more: object) -> r.CreativeRequest:
    fields: dict[str, object] = {
        "request_id": f"rq_{n:016x}", "user": user, "n_trig": n_trig, "cause": r.Cause(f"e{n}", NOW_MS - 20, "ads.click.v1"),
        "deadline": deadline, "trigger": r.Trigger("interest_shift", 4.2, [r.Weighted("footwear", 0.8)], [r.Weighted("audio", 0.1)]),
        "vector": "", "top": [r.Weighted("footwear", 0.8)], "catalog_version": 1, "context": r.RequestContext(slots=["native"]),
        "consent": r.Explicit(profile=True, personalise=True),
    }  # fmt: skip
    return r.CreativeRequest(**(fields | more))  # type: ignore[arg-type]


def line(slot: str = "native", past: Copy | None = None, title: str = BOOT.title) -> SlotPlan:
    template = NATIVE if slot == "native" else BANNER
    brief = Brief(
        "rq", "c1", slot, "Stridewell", title, "boots", price_minor=12_900, currency="USD", ctas=CAMPAIGN.ctas
    )  # fmt: skip
    return SlotPlan(slot, template, f"direct|{template.template_id}", 0.25, "prior", brief, past)


def plan(*slots: str, past: Copy | None = None, title: str = BOOT.title) -> Plan:
    return Plan(CAMPAIGN, BOOT, tuple(line(slot, past, title) for slot in slots or ("native",)))
