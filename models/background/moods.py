"""The kind of scene that suits a thing, by the words it is described with."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from models.background.conditions import MOODS

_WORD: Final = re.compile(r"[^\W\d_]+")


def mood_of(noun: str, interest: str, seed: int) -> str:
    """That of the first word of the interest, else of the noun, that is known; else one that the seed
    draws."""
    known = _moods()
    words = (*_WORD.findall(interest.lower()), *_WORD.findall(noun.lower()))
    forms = (form for word in words for form in (word, word.removesuffix("s"), word.removesuffix("es")))
    return next((known[each] for each in forms if each in known), MOODS[seed % len(MOODS)])


@cache
def _moods() -> dict[str, str]:
    """Moods by word."""
    told = tomllib.loads((files("models.background") / "moods.toml").read_text("utf-8"))
    return {word: mood for mood in told for word in told[mood].split()}
