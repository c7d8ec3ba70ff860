"""Whether a picture looks like one that its user had before, by perceptual hashes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from models.material.hashes import bits_apart

ALIKE_BITS: Final = 10
"""Most bits of 64 in which pictures differ that look the same. The same thing beside another headline differs
in up to 9, the variants of a layout in 15 and more."""


def last_like(looks: str, seen: Sequence[str]) -> int:
    """How new the newest of `seen` (newest last) is that looks alike: its place, from 1; 0 = none does."""
    places = (at for at, each in enumerate(seen, 1) if bits_apart(looks, each) <= ALIKE_BITS)
    return max(places, default=0)
