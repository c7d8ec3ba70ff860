"""The hidden pieces of a sheet: ads that readers took, and others of them with one plain fault each."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from models.brief.brief import Brief, Copy
from models.judge.spoilt import PLAIN_FAULTS
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
        fault = PLAIN_FAULTS[number % len(PLAIN_FAULTS)]
        bad.append(Piece(BAD, brief, fault(copy, rng.choice(others), brief.locale), False))
    return good + bad
