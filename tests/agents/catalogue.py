"""A small catalogue of 24 interests, as a reference that lanes can be built on."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import msgspec

from agents.profiles.reference import ProfilesReference
from models.catalog.fitting import refitted
from models.catalog.space.basis import item_text_of
from models.catalog.space.encoder import fit_encoder
from models.catalog.terms import fit_terms
from models.catalog.version import Catalog
from models.item import Item
from streams import records as r
from streams.artifacts.catalog_version import records_of
from streams.artifacts.kinds import artifact_key
from streams.settings import Settings
from streams.topics import ARTIFACT, CAMPAIGN

NOUNS = (
    "shoes", "pans", "tents", "lamps", "chairs", "bikes", "books", "phones", "guitars", "knives", "rugs",
    "plants",
    "mugs", "towels", "skis", "kites", "drills", "paints", "clocks", "scarves", "belts", "toys", "pens",
    "bags",
)  # fmt: skip
KINDS = ("small", "large", "light")


def items() -> list[Item]:
    """shoes0 to shoes29, pans0 to pans29 ...: the noun is the category and the interest code."""
    return [_item(noun, i) for noun in NOUNS for i in range(30)]


def _item(noun: str, i: int) -> Item:
    title = f"{KINDS[i % 3]} {noun} {i}"
    return Item(
        f"{noun}{i}",
        title,
        f"https://shop.example/{noun}{i}",
        noun,
        (noun,),
        price_minor=1_000 + i,
        currency="EUR",
    )


@cache
def catalog_of_nouns() -> Catalog:
    some = items()
    made = refitted(some, fit_encoder([item_text_of(item) for item in some], seed=1), categories=True)
    return replace(made, words=fit_terms(made.items, made.codes))


def campaign(**fields: object) -> r.Campaign:
    body = {
        "campaign_id": "c1",
        "version": 1,
        "status": "active",
        "advertiser": r.Advertiser("Example"),
        **fields,
    }
    return r.Campaign(**body)  # type: ignore[arg-type]


def publish(reference: ProfilesReference, catalog: Catalog) -> None:
    """A catalogue as it comes from its topic: through JSON, which knows no integers."""
    for record in records_of(catalog):
        read = msgspec.json.decode(msgspec.json.encode(record), type=r.ArtifactRecord)
        reference.on_record(ARTIFACT, artifact_key(read), read, (), 0)


def reference_of(settings: Settings, *campaigns: r.Campaign) -> ProfilesReference:
    """Catalogue and campaigns as the follower would have brought them."""
    reference = ProfilesReference(settings)
    publish(reference, catalog_of_nouns())
    for each in campaigns:
        reference.on_record(CAMPAIGN, each.campaign_id, each, (), 0)
    return reference
