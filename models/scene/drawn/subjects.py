"""What a thing is drawn as where there is no picture of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import regex

from models.text.normalise import fold_text

_WORD = regex.compile(r"\p{Han}+|[\p{L}\p{M}'’-]+")
_ICON = regex.compile(r"f[0-9a-f]{4}")


class Drawing(NamedTuple):
    """A character of the icon font, or the name of a file in things/; `natural`: its colour where no brand
    paints it, `stands`: on a floor."""

    icon: str
    thing: str
    natural: str
    stands: bool


class _Book(NamedTuple):
    """Names of drawings by word, by the end of one, by two words, and words that speak against each;
    `homonyms`: by language of those that are drawn, words that mean another thing in it."""

    words: dict[str, str]
    endings: dict[str, str]
    kinds: dict[str, str]
    unlike: dict[str, set[str]]
    drawings: dict[str, Drawing]
    homonyms: dict[str, set[str]]


@cache
def _book() -> _Book:
    table = tomllib.loads((files("models.scene.drawn") / "subjects.toml").read_text("utf-8"))
    words = _by_word(table["icons"]) | _by_word(table["things"])
    endings, kinds = _by_word(table["endings"]), dict(table["kinds"])
    hanging = {name for names in table["hanging"].values() for name in names.split()}
    drawings = {}
    for name in {*words.values(), *endings.values(), *kinds.values()}:
        icon = chr(int(name, 16)) if _ICON.fullmatch(name) else ""
        natural = table["natural"].get(name, "")
        drawings[name] = Drawing(icon, "" if icon else name, natural, name not in hanging)
    unlike = {name: set(words.split()) for name, words in table["unlike"].items()}
    homonyms = {each: set(table["homonyms"].get(each, "").split()) for each in table["languages"].split()}
    return _Book(words, endings, kinds, unlike, drawings, homonyms)


def _by_word(table: dict[str, str]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words.split()}


def drawing_of(noun: str, said: str = "", language: str = "en") -> Drawing | None:
    """What shows just this thing, by the noun's head: its last word, in German and Chinese the end of it.
    None where nothing does, where the word may be one of another language, or where what is `said` of the
    thing makes it another kind: a drawing of another thing is worse than none."""
    book, folded = _book(), fold_text(f"{noun} {said}")
    words = _WORD.findall(noun.casefold())
    if not words or language not in book.homonyms or words[-1] in book.homonyms[language]:
        return None
    forms = list(_forms(words[-1]))
    for kind, name in book.kinds.items():
        if kind in folded and kind.rpartition(" ")[2] in forms:
            return book.drawings[name]
    name = next((book.words[form] for form in forms if form in book.words), "")
    if not name:
        ends = [each for each in book.endings if words[-1].endswith(each)]
        name = book.endings[max(ends, key=len)] if ends else ""
    if not name or book.unlike.get(name, set()) & set(_WORD.findall(folded)):
        return None
    return book.drawings[name]


def _forms(word: str) -> Iterator[str]:
    """A word as it is and in the singular; of Chinese also its endings."""
    yield word
    yield word.removesuffix("s")
    yield word.removesuffix("es")
    if regex.match(r"\p{Han}", word):
        yield from (word[at:] for at in range(1, len(word)))
