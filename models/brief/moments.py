"""Whether time of day and weekday have to do with an item: only then copy is told them. A creative lives on
after the moment it was asked for, so that silence beats a guess."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Final

from models.brief.brief import Brief, language_of
from models.text.normalise import fold_text
from models.text.scripts import LETTERS, is_unspaced

_WEEKEND: Final = ("saturday", "sunday")


def at_its_moment(brief: Brief) -> Brief:
    """A brief without the time of day and the weekday that its row has nothing to do with."""
    return replace(
        brief,
        daypart=brief.daypart if _speaks_of(brief, brief.daypart) else "",
        weekday=brief.weekday if _speaks_of(brief, _part_of_week(brief.weekday)) else "",
    )


def _part_of_week(weekday: str) -> str:
    return "" if not weekday else "weekend" if weekday.casefold() in _WEEKEND else "weekdays"


def _speaks_of(brief: Brief, moment: str) -> bool:
    words = _words_of(language_of(brief.locale)).get(moment, frozenset())
    row = fold_text(" \n ".join((brief.title, brief.noun, brief.category, brief.text)))
    said = set(LETTERS.findall(row))
    return any(word in row if is_unspaced(word[0]) else word in said for word in words)


@lru_cache(maxsize=8)
def _words_of(language: str) -> dict[str, frozenset[str]]:
    raw = tomllib.loads(files(__package__).joinpath("moments.toml").read_text(encoding="utf-8"))
    return {moment: frozenset(fold_text(words).split()) for moment, words in raw.get(language, {}).items()}
