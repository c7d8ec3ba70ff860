"""What a thing is drawn as where there is no picture of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import regex

_WORD = regex.compile(r"\p{Han}+|[\p{L}\p{M}'’-]+")


class Drawing(NamedTuple):
    """A character of the icon font, or the name of a file in things/; `stands`: on a floor."""

    icon: str = ""
    thing: str = ""
    stands: bool = True


@cache
def _drawings() -> tuple[dict[str, Drawing], dict[str, Drawing]]:
    """Drawing by word and by the end of one."""
    table = tomllib.loads((files("models.scene") / "subjects.toml").read_text("utf-8"))
    hanging = {name for names in table["hanging"].values() for name in names.split()}

    def drawings(kind: str) -> dict[str, Drawing]:
        return {word: _drawing(name, kind, name not in hanging) for name, word in _words(table[kind])}

    return drawings("icons") | drawings("things"), drawings("endings")


def _drawing(name: str, kind: str, stands: bool) -> Drawing:
    return Drawing("", name, stands) if kind == "things" else Drawing(chr(int(name, 16)), "", stands)


def _words(table: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, word) for name, words in table.items() for word in words.split())


def drawing_of(noun: str) -> Drawing | None:
    """What shows just this thing, by the noun's head: its last word, in German and Chinese the end of it.
    None where nothing does: a drawing of another thing is worse than none."""
    of_word, of_ending = _drawings()
    words = _WORD.findall(noun.casefold())
    if not words:
        return None
    forms = (form for form in _forms(words[-1]) if form in of_word)
    if (known := next(forms, None)) is not None:
        return of_word[known]
    endings = [each for each in of_ending if words[-1].endswith(each)]
    return of_ending[max(endings, key=len)] if endings else None


def _forms(word: str) -> Iterator[str]:
    """A word as it is and in the singular; of Chinese also its endings."""
    yield word
    yield word.removesuffix("s")
    yield word.removesuffix("es")
    if regex.match(r"\p{Han}", word):
        yield from (word[at:] for at in range(1, len(word)))
