"""Requests, campaigns, plans and a catalogue for the tests of the generator."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from agents.creatives.plan import CreativePlan, SlotPlan
from models.brief.brief import Brief, Copy
from models.campaigns import Campaign, Dsa, Template
from models.catalog.space.basis import Basis
from models.catalog.version import Catalog
from models.interest.detector.shift import DetectorSettings
from models.item import Item
from streams import records as r

NOW_MS = 1_795_291_200_000
BOOT = Item(
    "i1", "Granite trail boots", "https://shop.example/p/1", "boots", ("footwear",), price_minor=12_900,
    currency="USD",
    images=("https://cdn.example/1.jpg",),
)  # fmt: skip
NATIVE = Template(
    "t-native", "native", "en", "{brand}: find your {noun}", "{title} for {price}.", "Shop now", audit=3
)
BANNER = Template(
    "t-banner",
    "banner_300x250",
    "en",
    "Your next {noun}",
    "See the {title} at {brand}.",
    "See details",
    audit=3,
)
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


def request(
    n: int = 1, user: str = "u1", n_trig: int = 1, deadline: int = NOW_MS + 1_000, **more: object
) -> r.CreativeRequest:
    fields: dict[str, object] = {
        "request_id": f"rq_{n:016x}", "user": user, "n_trig": n_trig,
        "cause": r.Cause(f"e{n}", NOW_MS - 20, "ads.click.v1"),
        "deadline": deadline,
        "trigger": r.Trigger("interest_shift", 4.2, [r.Weighted("footwear", 0.8)],
        [r.Weighted("audio", 0.1)]),
        "vector": "", "top": [r.Weighted("footwear", 0.8)], "catalog_version": 1,
        "context": r.RequestContext(slots=["native"]),
        "consent": r.Explicit(profile=True, personalise=True),
    }  # fmt: skip
    return r.CreativeRequest(**(fields | more))  # type: ignore[arg-type]


def line(slot: str = "native", past: Copy | None = None, title: str = BOOT.title) -> SlotPlan:
    template = NATIVE if slot == "native" else BANNER
    brief = Brief(
        "rq", "c1", slot, "Stridewell", title, "boots", price_minor=12_900, currency="USD", ctas=CAMPAIGN.ctas
    )  # fmt: skip
    return SlotPlan(slot, template, f"direct|{template.template_id}", 0.25, "prior", brief, past=past)


def plan(*slots: str, past: Copy | None = None, title: str = BOOT.title) -> CreativePlan:
    return CreativePlan(CAMPAIGN, BOOT, tuple(line(slot, past, title) for slot in slots or ("native",)))


def axis(number: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Unit vector along one axis of interest space."""
    unit = np.zeros(64, np.float32)
    unit[number] = 1
    return unit


def catalog() -> Catalog:
    """Two boots along axis 0 and a lamp along axis 1; two codes and two segments likewise."""
    other = dataclasses.replace(BOOT, item_id="i2", title="Slate hiking boots")
    lamp = dataclasses.replace(
        BOOT, item_id="i3", title="Brass desk lamp", noun="lamp", categories=("lamps",)
    )
    tilted = (axis(0) + 0.2 * axis(2)) / np.float32(np.hypot(1, 0.2))
    return Catalog(
        version=1,
        items=(BOOT, other, lamp),
        vectors=np.stack([axis(0), tilted, axis(1)]).astype(np.float32),
        codes=np.array([0, 0, 1], np.int16),
        price_z=np.zeros(3, np.float32),
        fitted_items=3,
        code_names=("footwear", "lamps"),
        curated=True,
        centroids=np.stack([axis(0), axis(1)]),
        segments=np.stack([axis(0), axis(1)]),
        basis=Basis("hashed", {}, np.zeros(1, np.float32), np.zeros((1, 64), np.float32)),
        pi=np.full(64, 1 / 64, np.float32),
        kernel=np.eye(64, dtype=np.float32),
        detector=DetectorSettings(),
        price_cuts={},
    )
