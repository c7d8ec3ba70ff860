"""What of a creative's words may be worth a click: its headline as a whole, how it asks, whether it names a
number, how long it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

LENGTHS: Final = (12, 20, 28, 40)
"""Characters of a headline between the buckets of its length."""
_ASKS: Final = ("?", "？")


class CopyTraits(NamedTuple):
    """None = the words are not known."""

    headline: str | None = None
    cta: str | None = None
    asks: int | None = None
    figure: int | None = None
    length: int | None = None


NO_WORDS: Final = CopyTraits()


def traits_of(headline: str, description: str, cta: str) -> CopyTraits:
    """Traits of one copy; equal in whatever language it is written."""
    said = headline + description
    return CopyTraits(
        headline,
        cta,
        int(any(mark in said for mark in _ASKS)),
        int(any(letter.isdecimal() for letter in said)),
        _bucket(len(headline), LENGTHS),
    )


def _bucket(value: int, edges: Sequence[int]) -> int:
    return sum(value >= edge for edge in edges)
