"""What a thing is drawn as where there is no picture of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import regex

_WORD = regex.compile(r"\p{Han}+|[\p{L}\p{M}'’-]+")


@cache
def _icons() -> tuple[dict[str, str], dict[str, str]]:
    """Icon by word and by the end of one."""
    table = tomllib.loads((files("models.scene") / "subjects.toml").read_text("utf-8"))
    return _by_word(table["icons"]), _by_word(table["endings"])


def _by_word(table: dict[str, str]) -> dict[str, str]:
    return {word: chr(int(code, 16)) for code, words in table.items() for word in words.split()}


def icon_of(noun: str) -> str | None:
    """The character of the icon font that shows just this thing, by the noun's head: its last word, in German
    and Chinese the end of it. None where none does: a drawing of another thing is worse than none."""
    of_word, of_ending = _icons()
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
