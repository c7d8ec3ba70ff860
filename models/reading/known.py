"""The hidden pieces of a sheet: ads that are known to be good, and the same ads with one plain fault each."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from models.brief.brief import Brief, Copy, language_of
from models.brief.facts import UNSPACED_LANGUAGES
from models.reading.sheet import Piece

GOOD: Final = "known good"
BAD: Final = "known bad"
_Ad = tuple[Brief, Copy]


def known_pieces(ads: Sequence[_Ad], count: int, seed: int) -> list[Piece]:
    """`count` good ads and as many spoilt ones, of different items; `ads` need three times as many items of
    each language. Deterministic."""
    rng = random.Random(seed)  # noqa: S311 - a choice, no secret
    by_item: dict[tuple[str, str], _Ad] = {}
    for brief, copy in rng.sample(list(ads), len(ads)):
        by_item.setdefault((brief.locale, brief.title), (brief, copy))
    chosen = list(by_item.values())[: 2 * count]
    good = [Piece(GOOD, brief, copy, True) for brief, copy in chosen[:count]]
    bad = []
    for number, (brief, copy) in enumerate(chosen[count:]):
        stranger = next(
            each
            for each in list(by_item.values())[::-1]
            if each[0].locale == brief.locale and each[0].category != brief.category
        )
        spoilt = _FAULTS[number % len(_FAULTS)](copy, stranger[1], language_of(brief.locale))
        bad.append(Piece(BAD, brief, spoilt, False))
    return good + bad


def _of_another(copy: Copy, other: Copy, language: str) -> Copy:
    """What is said of another thing."""
    return replace(other, cta=copy.cta, brand=copy.brand)


def _cut(copy: Copy, other: Copy, language: str) -> Copy:
    """A description that ends in the middle."""
    text = copy.description
    if language in UNSPACED_LANGUAGES:
        return replace(copy, description=text[: len(text) // 2])
    words = text.split()
    return replace(copy, description=" ".join(words[: len(words) // 2]))


def _twice(copy: Copy, other: Copy, language: str) -> Copy:
    """The headline again where the description belongs, twice."""
    headline = copy.headline.rstrip(" .!?。！？")
    stop, space = ("。", "") if language in UNSPACED_LANGUAGES else (".", " ")
    return replace(copy, description=f"{headline}{stop}{space}{headline}{stop}")


def _swapped(copy: Copy, other: Copy, language: str) -> Copy:
    """The right headline over the description of another thing."""
    return replace(copy, description=other.description)


_FAULTS: Final[tuple[Callable[[Copy, Copy, str], Copy], ...]] = (_of_another, _cut, _twice, _swapped)
