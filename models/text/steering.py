"""Sentences of a row that steer: they speak to whoever writes or reads an ad, or are in another language than
the ad, instead of saying what a thing is. Their words are in `steering.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from models.text.normalise import fold_text
from models.text.scripts import is_unspaced

_WORD: Final = re.compile(r"[^\W\d_]+")
_UNSPACED: Final = "zh"
_NAMES_ALONE: Final = "en"
"""Has capitals for names alone."""
_LEAST_SHARE: Final = 0.5
"""Share of a Chinese sentence's letters that are Chinese."""
_SURE: Final = 2
"""Words of another language that tell it, if they are more than those of the own one."""


@dataclass(frozen=True, slots=True)
class _Patterns:
    """How a sentence begins that orders something, folded; how one begins, as it is written, that orders
    something of a name; and what one says anywhere that speaks to somebody."""

    orders: re.Pattern[str]
    of_names: re.Pattern[str] | None
    speaks_to: re.Pattern[str]


@lru_cache(maxsize=1)
def _file() -> dict[str, dict[str, str]]:
    text = files(__package__).joinpath("steering.toml").read_text(encoding="utf-8")
    return {
        language: {name: value.replace("\n", "") for name, value in table.items()}
        for language, table in tomllib.loads(text).items()
    }


@lru_cache(maxsize=16)
def _patterns_of(language: str) -> _Patterns | None:
    known = _file().get(language, {})
    if "orders" not in known:
        return None
    before, orders, speaks_to = known["before"], known["orders"], known["speaks_to"]
    if language == _UNSPACED:
        return _Patterns(re.compile(f"(?:{before})*(?:{orders})"), None, re.compile(speaks_to))
    opens, verbs = f"(?:(?:{before})[, ]+)*", known["verbs"]
    return _Patterns(
        re.compile(rf"{opens}(?:(?:{orders})(?!\w)|(?:{verbs}),? (?:{known['goes_on']})(?!\w))"),
        re.compile(rf"(?i:{opens}(?:{verbs})) [A-Z]") if language == _NAMES_ALONE else None,
        re.compile(rf"(?<!\w)(?:{speaks_to})(?!\w)"),
    )


def steers(sentence: str, language: str) -> bool:
    """Whether a sentence orders something, speaks of the ad, its readers or other sellers, or is in another
    language than `language`."""
    folded = fold_text(sentence)
    if not is_in(folded, language):
        return True
    known = _patterns_of(language)
    if known is None:
        return False
    if known.of_names is not None and known.of_names.match(sentence):
        return True
    return known.orders.match(folded) is not None or known.speaks_to.search(folded) is not None


def is_in(folded: str, language: str) -> bool:
    """Whether a folded sentence may be in a language: by its script, and by the words that every text has."""
    letters = [char for char in folded if char.isalpha()]
    if language == _UNSPACED:
        return sum(map(is_unspaced, letters)) >= _LEAST_SHARE * len(letters)
    said = _WORD.findall(folded)
    counts = {each: sum(word in known for word in said) for each, known in _common().items()}
    own = counts.pop(language, None)
    return own is None or max(counts.values()) < max(own + 1, _SURE)


@lru_cache(maxsize=1)
def _common() -> dict[str, frozenset[str]]:
    return {
        language: frozenset(table["words"].split()) for language, table in _file().items() if "words" in table
    }
