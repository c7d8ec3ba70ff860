"""Whether copy follows the brief: the same request about another item, or for another interest, should read
differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from models.brief.brief import Brief
from models.evaluation.writing import Writes, samples

_ASKED: Final = 60
"""Briefs that are asked again, spread evenly."""


def reactions(copywriter: Writes, briefs: Sequence[Brief]) -> dict[str, float | None]:
    """Shares of briefs whose headline or description changes with the item (`item_changes`) and the interest
    (`interest_changes`).

    Item and interest come from the next brief in the same locale; the request, and so every draw, stays the
    same. None without copy or without another brief to take them from.
    """
    chosen = (
        [briefs[number * len(briefs) // _ASKED] for number in range(_ASKED)]
        if len(briefs) > _ASKED
        else list(briefs)
    )
    following = {id(brief): _next(brief, place, chosen) for place, brief in enumerate(chosen)}
    pairs = [(brief, other) for brief in chosen if (other := following[id(brief)]) is not None]
    first = [brief for brief, _ in pairs]
    items = [
        replace(brief, title=other.title, noun=other.noun, category=other.category) for brief, other in pairs
    ]
    interests = [replace(brief, interest=other.interest) for brief, other in pairs]
    before = [sample.text for sample in samples(copywriter, first)]
    return {
        "item_changes": _changed(before, [sample.text for sample in samples(copywriter, items)]),
        "interest_changes": _changed(before, [sample.text for sample in samples(copywriter, interests)]),
    }


def _next(brief: Brief, place: int, briefs: Sequence[Brief]) -> Brief | None:
    """The next brief of the locale, around the end, with another item and another interest."""
    around = (*briefs[place + 1 :], *briefs[:place])
    return next(
        (
            each
            for each in around
            if each.locale == brief.locale and each.noun != brief.noun and each.interest != brief.interest
        ),
        None,
    )


def _changed(before: Sequence[str], after: Sequence[str]) -> float | None:
    written = [(one, other) for one, other in zip(before, after, strict=True) if one and other]
    return round(sum(one != other for one, other in written) / len(written), 4) if written else None
