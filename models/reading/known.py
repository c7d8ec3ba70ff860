"""The hidden pieces of a sheet: ads that readers took, and others of them with one plain fault each."""

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


def known_pieces(ads: Sequence[tuple[Brief, Copy]], count: int, seed: int) -> list[Piece]:
    """`count` good ads of one language and as many spoilt ones, all of different items. Deterministic. Raises
    ValueError where there are too few."""
    rng = random.Random(seed)  # noqa: S311 - a choice, no secret
    by_item: dict[str, tuple[Brief, Copy]] = {}
    for brief, copy in rng.sample(list(ads), len(ads)):
        by_item.setdefault(brief.title, (brief, copy))
    chosen = list(by_item.values())[: 2 * count]
    if len(chosen) < 2 * count or len({brief.category for brief, _ in by_item.values()}) < 2:
        raise ValueError(f"{len(by_item)} items have ads: too few for {2 * count} hidden ones")
    good = [Piece(GOOD, brief, copy, True) for brief, copy in chosen[:count]]
    bad = []
    for number, (brief, copy) in enumerate(chosen[count:]):
        others = [
            other
            for its, other in by_item.values()
            if its.locale == brief.locale and its.category != brief.category
        ]
        spoilt = _FAULTS[number % len(_FAULTS)](copy, rng.choice(others), language_of(brief.locale))
        bad.append(Piece(BAD, brief, spoilt, False))
    return good + bad


def _of_another(copy: Copy, other: Copy, language: str) -> Copy:
    """All that is said of another thing."""
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
