"""The words that the checks know, by language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from models.brief.brief import language_of

_EMPTY: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class MomentLexicon:
    """One language. `moments`: words -> the quarters of a day they may mean; `now`: phrases that speak of
    today, likewise; `dates`: phrases for a day or season -> its names; `weekdays`: words -> the day."""

    open_ends: frozenset[str]
    common: frozenset[str]
    moments: dict[str, frozenset[str]]
    now: dict[str, frozenset[str]]
    dates: dict[str, frozenset[str]]
    weekdays: dict[str, frozenset[str]]


@lru_cache(maxsize=1)
def _file() -> dict[str, dict[str, object]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def english() -> dict[str, object]:
    """What is known of English alone."""
    return _file()["en"]


@lru_cache(maxsize=64)
def moment_lexicon_of(locale: str) -> MomentLexicon | None:
    """The words of a locale's language; None for one that is not known."""
    known = _file().get(language_of(locale))
    if known is None:
        return None
    return MomentLexicon(
        open_ends=_words(known["open_ends"]),
        common=_words(known["common"]),
        moments=_by_word(known["moments"]),
        now=_by_word(known["now"]),
        dates=_by_word(known["dates"]),
        weekdays=_by_word(known["weekdays"]),
    )


def _words(listed: object) -> frozenset[str]:
    return frozenset(listed.split() if isinstance(listed, str) else listed)  # type: ignore[call-overload]


def _by_word(table: object) -> dict[str, frozenset[str]]:
    """Every word with all that it may mean."""
    assert isinstance(table, dict)
    means: dict[str, set[str]] = {}
    for meaning, listed in table.items():
        for word in _words(listed):
            means.setdefault(word, set()).add(meaning)
    return {word: frozenset(meanings) for word, meanings in means.items()}
