"""Who says how good a copy is before anybody is shown it: a function of brief and copy, and the bar below
which a draft is not kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from models.brief.brief import Brief, Copy
from models.judge import judge


class Judge(NamedTuple):
    """`score` gives [0, 1]; `name` stands in every entry that was judged so."""

    name: str
    bar: float
    score: Callable[[Brief, Copy], float]


JUDGE: Final = Judge("judge.1", 0.5, lambda brief, copy: judge(brief, copy).score)
"""The one in force."""
