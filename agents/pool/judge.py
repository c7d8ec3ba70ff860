"""Who says how good a copy is before anybody is shown it, and the bar below which it is neither kept nor
served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from models.brief.brief import Brief, Copy
from models.judge import judge
from models.judge.learned import load_learned

NAME: Final = "models.judge"


class Judge(NamedTuple):
    """`score` gives [0, 1]; `name` stands in every entry that was judged so."""

    name: str
    bar: float
    score: Callable[[Brief, Copy], float]


def judge_in_force(bar: float | None) -> Judge:
    """The project's judge, at the bar that it was fitted for unless another is set."""
    fitted = round(float(load_learned().bar), 4)
    return Judge(NAME, fitted if bar is None else bar, lambda brief, copy: judge(brief, copy).score)
