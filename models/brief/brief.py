"""What a creative is to say, and what it then says: the brief a copywriter gets, the copy it gives back, the
limits of each slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from models.text.graphemes import shown_width
from models.text.phrases import leads_on, whole_phrase
from models.text.sentences import sentences_of

STYLES: Final = ("direct", "benefit", "question", "scene", "offer", "playful")
"""Ways to open: the arms that selection explores."""
TONES: Final = ("friendly", "bold", "calm", "premium", "practical", "warm")
"""Tones the copywriters of this project are told by a token."""
_TONE_WORDS: Final = {
    "friendly": "approachable cheerful inviting lively welcoming",
    "bold": "adventurous brave cheeky confident daring dynamic edgy energetic exciting loud punchy",
    "calm": "gentle minimal quiet reassuring relaxed serene soft soothing understated",
    "premium": "classic elegant exclusive formal luxurious luxury refined sophisticated",
    "practical": "clear dry expert factual informative plain professional serious simple sober",
    "warm": "caring cosy cozy emotional empathetic heartfelt kind sincere",
}
_NEAREST_TONE: Final = {word: tone for tone, words in _TONE_WORDS.items() for word in words.split()}
TONE_WORDS: Final = (*TONES, *_NEAREST_TONE)
"""Words for a tone that are understood."""
GOALS: Final = ("awareness", "clicks", "conversions")
DEVICES: Final = ("phone", "tablet", "pc", "tv")
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class SlotLimits(NamedTuple):
    """Longest text per field, in grapheme clusters (double width counts two)."""

    headline: int
    description: int
    cta: int
    brand: int = 25


LIMITS: Final[Mapping[str, SlotLimits]] = {
    "native": SlotLimits(25, 90, 15),  # OpenRTB Native 1.2: title 25, cta 15
    "text": SlotLimits(30, 90, 15),  # responsive search: 30 / 90
    "banner_300x250": SlotLimits(25, 90, 15),
    "banner_728x90": SlotLimits(30, 72, 15),
    "banner_320x50": SlotLimits(25, 40, 15),
    "banner_160x600": SlotLimits(25, 90, 15),
    "banner_970x250": SlotLimits(30, 90, 15),
    "social_1x1": SlotLimits(27, 90, 15),  # feed: 27 shown
    "social_9x16": SlotLimits(27, 72, 15),  # stories: 72
    "landscape_1200x628": SlotLimits(30, 90, 15),  # responsive display, short headline
    "video_16x9": SlotLimits(30, 72, 15),
    "video_9x16": SlotLimits(27, 72, 15),
}
"""Limits per slot; they satisfy the strictest buyer of each format."""
STRICTEST: Final = SlotLimits(25, 40, 15)
CHANNELS: Final = ("search", "social", "native", "banner", "video")
SCENES: Final = 3
"""Scene lines of a video script, after its hook (the headline)."""


def limits_of(slot: str) -> SlotLimits:
    """Limits of a slot; an unknown slot gets the strictest of all."""
    return LIMITS.get(slot, STRICTEST)


def copy_slot(slot: str) -> str:
    """The slot that copy is written for which serves here too: of those with as long a description the one
    with the least room for a headline. A clip has a script of its own."""
    if slot not in LIMITS or copy_channel_of(slot) == "video":
        return slot
    alike = (
        each
        for each, limits in LIMITS.items()
        if limits.description == LIMITS[slot].description and copy_channel_of(each) != "video"
    )
    return min(alike, key=lambda each: LIMITS[each].headline)


def copy_channel_of(slot: str) -> str:
    """What kind of place a slot is; an unknown slot is a banner, the kind with the least room."""
    kind = slot.partition("_")[0]
    return {"text": "search", "landscape": "banner"}.get(kind, kind if kind in CHANNELS else "banner")


def scene_limit(slot: str) -> int:
    """Longest scene line of a video slot: all of them and the spaces between fit the description."""
    return (limits_of(slot).description - (SCENES - 1)) // SCENES


def scenes_of(slot: str, description: str) -> tuple[str, ...]:
    """The scene lines a video's description holds, one sentence each; none when it is no script."""
    scenes = sentences_of(description)
    fitting = (
        copy_channel_of(slot) == "video"
        and len(scenes) == SCENES
        and all(shown_width(each) <= scene_limit(slot) for each in scenes)
    )
    return tuple(scenes) if fitting else ()


def language_of(locale: str) -> str:
    """ "de" of "de-DE", "de_AT" or "DE"; "" when a locale says nothing."""
    return locale.replace("_", "-").partition("-")[0].lower()


def nearest_tone(tone: str) -> str:
    """The tone of TONES that a campaign's own word for one comes nearest to; the first for unknown words."""
    word = tone.casefold().strip()
    return word if word in TONES else _NEAREST_TONE.get(word, TONES[0])


@dataclass(frozen=True, slots=True)
class Brief:
    """One creative to write. Texts come from the campaign and the catalogue and are not trusted; prices are
    integer minor units; `place` (the reader's country) and `geo` (the campaign's) have two letters; `text` is
    what the row says of the item beside its title; `price_speaks`: the item is cheap among its like, and so
    is what the reader chooses; `legal`: what leaves beside the copy, behind the locale that it is in."""

    request_id: str
    campaign_id: str
    slot: str
    brand: str
    title: str
    noun: str
    category: str = ""
    locale: str = "en"
    price_minor: int | None = None
    salesprice_minor: int | None = None
    currency: str = "USD"
    facts: tuple[str, ...] = ()
    must_use: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    ctas: tuple[str, ...] = ()
    style: str = "direct"
    goal: str = "clicks"
    tone: str = "friendly"
    interest: tuple[str, ...] = ()
    daypart: str = ""
    weekday: str = ""
    device: str = ""
    place: str = ""
    returning: bool = False
    geo: tuple[str, ...] = ()
    text: str = ""
    price_speaks: bool = False
    legal: tuple[str, str] = ("", "")

    @property
    def markets(self) -> tuple[str, ...]:
        """Countries whose rules hold: the reader's, else all that the campaign targets."""
        return (self.place,) if self.place else self.geo


@dataclass(frozen=True, slots=True)
class Copy:
    """What the creative says; `brand` is shown beside it (sponsored by). `scenes`: the lines of a video
    script, whose hook is the headline and which the description holds joined; none in other channels.
    """

    headline: str
    description: str
    cta: str
    brand: str = ""
    scenes: tuple[str, ...] = ()


def short_title(title: str, noun: str, limit: int) -> str:
    """`title` within `limit`: leading words give way when it ends with what the item is (English heads come
    last), else the end does. '' where no part of it says what the whole says."""
    if shown_width(title) <= limit:
        return title
    words = title.split()
    if noun and title.casefold().endswith(noun.casefold()):
        while len(words) > 1 and (shown_width(" ".join(words)) > limit or leads_on(words[0])):
            words.pop(0)
    return whole_phrase(" ".join(words), limit)
