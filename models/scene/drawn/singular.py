"""Words in the singular, whatever the language of an ad."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_ENDINGS: Final = ("s", "es")
_GERMAN_ENDINGS: Final = (*_ENDINGS, "e", "n", "en")
"""Of no other language: an English cape is no cap."""


def singulars(word: str, language: str = "en") -> Iterator[str]:
    """A folded word as it is and as it may be in the singular."""
    yield word
    endings = _GERMAN_ENDINGS if language == "de" else _ENDINGS
    yield from (word.removesuffix(ending) for ending in endings if word.endswith(ending))
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
