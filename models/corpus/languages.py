"""The words and patterns of each language the built-in copywriter writes (words_<language>.toml,
phrases_<language>.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

LANGUAGES: Final = ("en", "de", "zh")
PATTERNS: Final = ("headline", "opening", "closing", "short_description", "scene", "payoff", "cta")
"""Lists of phrases_<language>.toml that hold patterns with conditions."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern of copy and when it may be used."""

    conditions: tuple[tuple[str, frozenset[str]], ...]
    text: str

    def fits(self, facts: Mapping[str, str]) -> bool:
        """Whether every condition holds."""
        return all(facts.get(name, "") in values for name, values in self.conditions)


@dataclass(frozen=True, slots=True)
class Lists:
    """All that is written down for one language: `domains` by name, `patterns` by field, `others`
    (facts, calls to action ...)."""

    domains: dict[str, dict[str, list[str]]]
    patterns: dict[str, list[Phrase]]
    others: dict[str, Any]


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _phrase(line: str) -> Phrase:
    condition, text = line.split("|", 1)
    pairs = (part.split("=", 1) for part in condition.split())
    return Phrase(tuple((name, frozenset(values.split(","))) for name, values in pairs), text.strip())


@lru_cache(maxsize=len(LANGUAGES))
def lists_of(language: str) -> Lists:
    """The lists of a language of LANGUAGES."""
    raw = _toml(f"phrases_{language}.toml")
    patterns = {name: [_phrase(line) for line in raw[name]] for name in PATTERNS}
    return Lists(
        _toml(f"words_{language}.toml"),
        patterns,
        {name: value for name, value in raw.items() if name not in PATTERNS},
    )
