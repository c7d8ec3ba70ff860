"""Who says how good a copy is before anybody is shown it: a function of brief and copy, and the bar below
which a draft is not kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from models.brief.brief import Brief, Copy
from models.review.learned import blame_of
from models.review.support import support_of


class Judge(NamedTuple):
    """`score` gives [0, 1]; `name` stands in every entry that was judged so."""

    name: str
    bar: float
    score: Callable[[Brief, Copy], float]


def innocence(brief: Brief, copy: Copy) -> float:
    """How surely nothing that the copy says in its own words may be objected to."""
    return 1.0 - blame_of(f"{copy.headline.rstrip('.')}. {copy.description}", support_of(brief, ""))


JUDGE: Final = Judge("meaning.1", 0.5, innocence)
"""The one in force."""
