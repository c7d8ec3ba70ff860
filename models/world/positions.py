"""Whether a user looks at a slot at all, before what it shows matters (position bias)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EXAMINED: Final[Mapping[str, float]] = {
    "native": 0.55, "text": 0.35, "banner_300x250": 0.30, "banner_728x90": 0.25, "banner_320x50": 0.20,
    "social_1x1": 0.50, "social_9x16": 0.50, "landscape_1200x628": 0.40, "video_16x9": 0.45,
    "video_9x16": 0.45,
}  # fmt: skip
"""Chance of it by slot."""


def examined_share(slot: str) -> float:
    """Unknown slots are examined as rarely as the rarest."""
    return EXAMINED.get(slot, min(EXAMINED.values()))
