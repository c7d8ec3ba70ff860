"""A render request as a scene or a story. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import xxhash

from models.attributes.lexicon import attribute_lexicon_of
from models.brief.brief import language_of
from models.clip.story import Story
from models.scene.drawn.named_colours import colours_in
from models.scene.drawn.words_alone import needs_no_picture
from models.scene.layouts import wordy_variants
from models.scene.scene import Scene
from models.text.normalise import fold_text
from streams import records as r
from streams.mapping.ads import WHOLE_AD, ad_of

MAIN: Final = "main"
"""Role of a picture that words are set beside."""
NATIVE: Final = "native"
_COLOUR: Final = "colour"
_BY_MODEL: Final = frozenset({"trained_algorithmic_media", "composite_with_trained_algorithmic_media"})


def scene_of(request: r.RenderRequest, photos: Mapping[str, str] = MappingProxyType({})) -> Scene:
    """What is drawn; `photos`: names of those that are had, by address. The seed is the item's in its slot:
    the same words give the same picture to everyone. The thing is drawn in the colour that title and copy
    name: either may stand beside it; the title also says of which kind it is, on wordless pictures too."""
    creative, look = request.creative, request.look
    ad = ad_of(creative)
    seed = xxhash.xxh3_64_intdigest(f"{creative.campaign_id}|{creative.item_id}|{creative.slot}".encode())
    worded, words = creative.slot != NATIVE, ". ".join((look.title, ad.headline, ad.description))
    tint = tint_of(words.replace(ad.brand, "") if ad.brand else words, creative.lang)
    return Scene(
        creative.slot,
        creative.lang,
        ad.headline if worded else "",
        ad.description if worded else "",
        ad.cta if worded else "",
        ad.brand,
        look.price if worded else "",
        ad.must_say if worded else "",
        "" if tint is None else next(iter(look.subject), ""),
        tuple(look.colours),
        seed,
        photo=photos.get(look.photo, ""),
        variant=look.layout,
        logo=photos.get(look.logo, "") if worded else "",
        artwork=look.svg,
        tint=tint or "",
        title=look.title,
    )


def tint_of(text: str, lang: str) -> str | None:
    """The colour of the thing as a text names it, as `#rrggbb`; '' where it names none, None where it names
    several or one that is not known: no drawing is right then."""
    named = colours_in(text)
    if not named:
        lexicon = attribute_lexicon_of(language_of(lang))
        kinds = lexicon.attributes(fold_text(text)) if lexicon is not None else ()
        return None if any(each.kind == _COLOUR for each in kinds) else ""
    return "#{:02x}{:02x}{:02x}".format(*named[0]) if len(named) == 1 else None


def wants_picture(request: r.RenderRequest, scene: Scene) -> bool:
    """Whether words alone would be no ad for it: it is bought for its looks, nothing shows it, and neither a
    layout of the advertiser's nor one of words alone is asked for."""
    shown = scene.photo or scene.drawing is not None  # a background shows a mood, not the thing
    asked = scene.artwork or any(each.name == scene.variant for each in wordy_variants(scene.slot))
    return not (shown or asked or needs_no_picture(tuple(request.look.subject), scene.language))


def interest_of(request: r.RenderRequest) -> str:
    """What the thing belongs to, in words: the second of what is said of it."""
    return next(iter(request.look.subject[1:2]), "").replace(".", " ").replace("_", " ")


def declares_model(creative: r.Creative) -> bool:
    """Whether it says of itself that a model had a part in it: only then may its picture or sound be
    generated too."""
    return creative.provenance.digital_source_type in _BY_MODEL


def role_of(slot: str) -> str:
    """What a picture is to whoever shows it: the whole ad, or the main picture beside words."""
    return MAIN if slot == NATIVE else WHOLE_AD


def story_of(request: r.RenderRequest, photos: Mapping[str, str] = MappingProxyType({})) -> Story:
    """What is filmed: the scene of the ad, and the lines of its script. An advertiser's own layout is one of
    pictures."""
    scene = replace(scene_of(request, photos), artwork="")
    return Story(scene, tuple(request.creative.copy.scenes))
