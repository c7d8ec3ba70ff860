"""What a thing is drawn as where there is no picture of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import regex

_WORD = regex.compile(r"\p{Han}+|[\p{L}\p{M}'’-]+")


@cache
def _icons() -> tuple[dict[str, str], str]:
    """Icon by word, and the one for what nobody named."""
    table = tomllib.loads((files("models.scene") / "subjects.toml").read_text("utf-8"))
    by_word = {word: chr(int(code, 16)) for code, words in table["icons"].items() for word in words.split()}
    return by_word, chr(int(table["otherwise"], 16))


def icon_of(subject: tuple[str, ...]) -> str:
    """The character of the icon font that stands for the first of these names that one is known for."""
    by_word, otherwise = _icons()
    named = (by_word[form] for name in subject for form in _forms(name) if form in by_word)
    return next(named, otherwise)


def _forms(name: str) -> Iterator[str]:
    """The words of a name, last first (it is the thing in "table lamps"), each as it is and in the
    singular; of Chinese also its endings."""
    for word in reversed(_WORD.findall(name.casefold())):
        yield word
        yield word.removesuffix("s")
        yield word.removesuffix("es")
        if regex.match(r"\p{Han}", word):
            yield from (word[at:] for at in range(1, len(word)))
