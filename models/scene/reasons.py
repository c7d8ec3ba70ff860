"""Why a picture or a clip is not used, as codes like those of copy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OVERFLOW: Final = "TEXT_OVERFLOW"
OVERLAP: Final = "TEXT_OVERLAP"
MISREAD: Final = "TEXT_MISREAD"
PHOTO_GONE: Final = "PHOTO_GONE"
HELD: Final = "HELD_FOR_REVIEW"
UNKNOWN: Final = "NOT_MADE"
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "TEXT_TOO_LONG": "the words do not fit, whatever may be left out is left out",
        OVERFLOW: "ink of a word lies outside the slot's safe zone",
        OVERLAP: "two elements share pixels",
        MISREAD: "a recogniser reads other words in it than were meant",
        "LOW_CONTRAST": "words would stand on a ground that they cannot be read on",
        "NO_FONT": "no font has a script or character of it",
        "NO_LAYOUT": "the slot has no layout",
        "BAD_LAYOUT": "the advertiser's layout cannot be drawn",
        "TOO_HEAVY": "its file is heavier than the slot takes",
        PHOTO_GONE: "a photo that was there is gone",
        "BAD_PHOTO": "its photo cannot be read",
        HELD: "a classifier would not show its photo or background: a person decides",
        "NOT_SIGNED": "its file could not be signed",
        "FAULTY_CLIP": "the clip did not pass its checks",
        "TIMED_OUT": "it took too long",
        "CRASHED": "the process that makes it ended",
        UNKNOWN: "it could not be made",
    }
)
"""Every code with what it means."""
_OF_KIND: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Artwork": "BAD_LAYOUT",
        "DoesNotFit": "TEXT_TOO_LONG",
        "Photo": "BAD_PHOTO",
        "Unreadable": "LOW_CONTRAST",
        **{code.title().replace("_", ""): code for code in REASONS},
    }
)


def code_of(kind: str) -> str:
    """The code of a refusal by the name of its error, `Error` taken off."""
    return _OF_KIND.get(kind, UNKNOWN)
