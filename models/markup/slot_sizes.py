"""Pixels of a slot, and the channel that it belongs to."""

from __future__ import annotations

from typing import Final

SIZES: Final = {
    "banner_300x250": (300, 250),
    "banner_728x90": (728, 90),
    "banner_320x50": (320, 50),
    "banner_160x600": (160, 600),
    "banner_970x250": (970, 250),
    "social_1x1": (1080, 1080),
    "social_9x16": (1080, 1920),
    "landscape_1200x628": (1200, 628),
    "video_16x9": (1280, 720),
    "video_9x16": (720, 1280),
}
"""Width and height; `native` and `text` take the room that the page gives."""


_MUST_SAY: Final = {
    "banner_300x250": 60,
    "banner_728x90": 45,
    "banner_320x50": 55,
    "banner_160x600": 60,
    "banner_970x250": 115,
    "social_1x1": 75,
    "social_9x16": 70,
    "landscape_1200x628": 80,
    "video_16x9": 50,
    "video_9x16": 60,
}
"""Columns of legal text and label that its layout holds at the least size of type."""
LONGEST: Final = 700
"""Columns of the longest legal text with the longest label, and more."""
_DISPLAY: Final = frozenset({"banner", "landscape"})


def channel_of(slot: str) -> str:
    """Where its ads are shown: native, display, social, video or text."""
    kind = slot.partition("_")[0]
    return "display" if kind in _DISPLAY else kind


def must_say_width(slot: str) -> int:
    """Columns of legal text and label together that a slot holds; as many as there may be where the page
    gives the room."""
    return _MUST_SAY.get(slot, LONGEST)


def size_of(slot: str) -> tuple[int, int] | None:
    """Width and height of a slot; None: as the page gives."""
    return SIZES.get(slot)
