"""A render request as a scene or a story. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import xxhash

from models.attributes.lexicon import lexicon_of
from models.brief.brief import language_of
from models.clip.story import Story
from models.scene.scene import Scene
from models.text.normalise import fold_text
from streams import records as r
from streams.mapping.ads import WHOLE_AD, ad_of

MAIN: Final = "main"
"""Role of a picture that words are set beside."""
NATIVE: Final = "native"
_COLOUR: Final = "colour"


def scene_of(request: r.RenderRequest, photos: Mapping[str, str] = MappingProxyType({})) -> Scene:
    """What is drawn; `photos`: names of those that are had, by address. The seed is the item's in its slot:
    the same words give the same picture to everyone. A price that the headline says is not said twice; where
    the copy names a colour no drawing in another one contradicts it."""
    creative, look = request.creative, request.look
    ad = ad_of(creative)
    seed = xxhash.xxh3_64_intdigest(f"{creative.campaign_id}|{creative.item_id}|{creative.slot}".encode())
    worded, said = creative.slot != NATIVE, f"{ad.headline} {ad.description}"
    return Scene(
        creative.slot,
        creative.lang if worded else "",
        ad.headline if worded else "",
        ad.description if worded else "",
        ad.cta if worded else "",
        ad.brand,
        look.price if worded and look.price not in ad.headline else "",
        ad.label if worded else "",
        "" if names_colour(said, creative.lang) else next(iter(look.subject), ""),
        tuple(look.colours),
        seed,
        photo=photos.get(look.photo, ""),
        variant=look.layout,
        logo=photos.get(look.logo, "") if worded else "",
        artwork=look.svg,
    )


def names_colour(text: str, lang: str) -> bool:
    """Whether a text says in which colour a thing is."""
    lexicon = lexicon_of(language_of(lang))
    if lexicon is None:
        return False
    return any(each.kind == _COLOUR for each in lexicon.attributes(fold_text(text)))


def role_of(slot: str) -> str:
    """What a picture is to whoever shows it: the whole ad, or the main picture beside words."""
    return MAIN if slot == NATIVE else WHOLE_AD


def story_of(request: r.RenderRequest) -> Story:
    """What is filmed: the scene of the ad, and the lines of its script."""
    return Story(scene_of(request), tuple(request.creative.copy.scenes))
