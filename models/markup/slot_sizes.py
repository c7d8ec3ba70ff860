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


_LEGAL: Final = {
    "banner_300x250": 45,
    "banner_728x90": 30,
    "banner_320x50": 40,
    "banner_160x600": 45,
    "banner_970x250": 100,
    "social_1x1": 60,
    "social_9x16": 55,
    "landscape_1200x628": 65,
    "video_16x9": 35,
    "video_9x16": 45,
}
"""Columns of a legal text that its layout holds at the least size of type, beside a label of 15."""
LONGEST_LEGAL: Final = 600
_DISPLAY: Final = frozenset({"banner", "landscape"})


def channel_of(slot: str) -> str:
    """Where its ads are shown: native, display, social, video or text."""
    kind = slot.partition("_")[0]
    return "display" if kind in _DISPLAY else kind


def legal_width(slot: str) -> int:
    """Columns of a campaign's legal text that a slot holds; as many as a campaign may have where the page
    gives the room."""
    return _LEGAL.get(slot, LONGEST_LEGAL)


def size_of(slot: str) -> tuple[int, int] | None:
    """Width and height of a slot; None: as the page gives."""
    return SIZES.get(slot)
