"""A render request as a scene, and the creative with what was drawn. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import xxhash
from msgspec import structs

from agents.creatives.publication import STATIC_VISUAL, TEXT_ONLY
from models.markup.formats import stored_markup
from models.scene.scene import Scene
from streams import records as r
from streams.mapping.ads import WHOLE_AD, ad_of

MAIN: Final = "main"
"""Role of a picture that words are set beside."""
NATIVE: Final = "native"


def scene_of(request: r.RenderRequest) -> Scene:
    """What is drawn. The seed is the item's in its slot: the same words give the same picture to everyone. A
    price that the headline says is not said twice."""
    creative, look = request.creative, request.look
    ad = ad_of(creative)
    seed = xxhash.xxh3_64_intdigest(f"{creative.campaign_id}|{creative.item_id}|{creative.slot}".encode())
    worded = creative.slot != NATIVE
    return Scene(
        creative.slot,
        creative.lang if worded else "",
        ad.headline if worded else "",
        ad.description if worded else "",
        ad.cta if worded else "",
        ad.brand,
        look.price if worded and look.price not in ad.headline else "",
        ad.label if worded else "",
        tuple(look.subject),
        tuple(look.colours),
        seed,
    )


def role_of(slot: str) -> str:
    """What a picture is to whoever shows it: the whole ad, or the main picture beside words."""
    return MAIN if slot == NATIVE else WHOLE_AD


def pictured(creative: r.Creative, assets: Sequence[r.Asset]) -> r.Creative:
    """The same creative, next version, with its own pictures first, and the version that it replaces."""
    clips = [each for each in creative.assets if (each.mime or "").startswith("video/")]
    shown = [each for each in creative.attr if each != TEXT_ONLY]
    made = structs.replace(
        creative,
        version=creative.version + 1,
        replaces_version=creative.version,
        assets=[*assets, *clips],
        attr=sorted({*shown, STATIC_VISUAL}),
    )
    return structs.replace(made, render=stored_markup(creative.render, ad_of(made)))
