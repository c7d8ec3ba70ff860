"""What a thing is drawn as where there is no picture of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import regex

_WORD = regex.compile(r"\p{Han}+|[\p{L}\p{M}'’-]+")


@dataclass(frozen=True, slots=True)
class _Icons:
    """By a whole word, by the end of one, and for what nobody named."""

    of_word: dict[str, str]
    of_ending: dict[str, str]
    otherwise: str

    def found(self, form: str) -> Iterator[str]:
        """The icons of a word, that of its longest ending last."""
        if form in self.of_word:
            yield self.of_word[form]
        endings = [each for each in self.of_ending if form.endswith(each)]
        if endings:
            yield self.of_ending[max(endings, key=len)]


@cache
def _icons() -> _Icons:
    table = tomllib.loads((files("models.scene") / "subjects.toml").read_text("utf-8"))
    return _Icons(_by_word(table["icons"]), _by_word(table["endings"]), chr(int(table["otherwise"], 16)))


def _by_word(table: dict[str, str]) -> dict[str, str]:
    return {word: chr(int(code, 16)) for code, words in table.items() for word in words.split()}


def icon_of(subject: tuple[str, ...]) -> str:
    """The character of the icon font that stands for the first of these names that one is known for."""
    icons = _icons()
    named = (icon for name in subject for form in _forms(name) for icon in icons.found(form))
    return next(named, icons.otherwise)


def _forms(name: str) -> Iterator[str]:
    """The words of a name, last first (it is the thing in "table lamps"), each as it is and in the
    singular; of Chinese also its endings."""
    for word in reversed(_WORD.findall(name.casefold())):
        yield word
        yield word.removesuffix("s")
        yield word.removesuffix("es")
        if regex.match(r"\p{Han}", word):
            yield from (word[at:] for at in range(1, len(word)))
