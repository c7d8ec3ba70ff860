"""Words in the singular, whatever the language of an ad."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_HISSING: Final = ("s", "x", "z", "ch", "sh", "o")
"""What "es" follows: "dishes" are of a dish, and "capes" of a cape."""
_GERMAN_ENDINGS: Final = ("s", "e", "n", "en", "es")
"""Of no other language: an English cape is no cap."""


def singulars(word: str, language: str = "en") -> Iterator[str]:
    """A folded word as it is and as it may be in the singular."""
    yield word
    hisses = word.endswith("es") and word[:-2].endswith(_HISSING)
    endings = _GERMAN_ENDINGS if language == "de" else ("s", *(("es",) if hisses else ()))
    yield from (word.removesuffix(ending) for ending in endings if word.endswith(ending))
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
