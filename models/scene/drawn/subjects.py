"""What a thing is drawn as where there is no picture of it: the files of things/, by the words of nouns.toml
beside them.

Of each drawing nouns.toml says: `nouns`: words that mean just that thing, in the singular; `kinds`: the
same of several words, the last one the noun, the others anywhere in the title; `endings`: German words that
also end longer ones; `unlike`: words with which it would show another thing; `natural`: its colour where no
text names one, '' = the brand's; `hangs`: on no floor. `unlike` at the top holds for all that follow, and
also where its words stand in the plural or as compounds.toml says them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import regex

from models.scene.drawn.compounds import in_english, names_another, stays_the_same
from models.scene.drawn.singular import singulars
from models.text.normalise import fold_text

_WRITTEN = frozenset({"en", "de", "zh"})
_WORD = regex.compile(r"\p{Han}+|[\p{L}\p{N}\p{M}'’-]+")


class Drawing(NamedTuple):
    """`thing`: the name of a file in things/, `natural`: its colour where no brand paints it, `stands`: on a
    floor."""

    thing: str
    natural: str
    stands: bool


class _Named(NamedTuple):
    """A drawing that a noun may mean: where all of `kind` is said and nothing of `unlike`."""

    kind: frozenset[str]
    unlike: frozenset[str]
    drawing: Drawing


class _Book(NamedTuple):
    """Drawings by noun, those of several words first, and nouns by ending."""

    nouns: dict[str, list[_Named]]
    endings: dict[str, _Named]


@cache
def _languages() -> dict[str, frozenset[str]]:
    """By language, words that mean another thing in it."""
    table = tomllib.loads((files("models.scene.drawn") / "languages.toml").read_text("utf-8"))
    return {language: frozenset(fold_text(words).split()) for language, words in table.items()}


def reads(names: str, language: str) -> bool:
    """Whether the words of names in an ad of a language are ones that the files here have: Latin letters in
    an ad of another script are English."""
    return language in _WRITTEN or (language in _languages() and names.isascii())


def is_drawn(head: str, language: str) -> bool:
    """Whether some drawing shows what a noun of this head may mean in a language."""
    return bool(_meant_by(head, language))


@cache
def _book() -> _Book:
    book = _Book({}, {})
    for folder in sorted(_folder().iterdir(), key=lambda each: each.name):
        table = tomllib.loads((folder / "nouns.toml").read_text("utf-8"))
        others = table.pop("unlike", "")
        for name, told in table.items():
            _enter(book, f"{folder.name}/{name}", told, others)
    for named in book.nouns.values():
        named.sort(key=lambda each: -len(each.kind))
    return book


def _enter(book: _Book, thing: str, told: dict[str, Any], others: str) -> None:
    unlike = frozenset(fold_text(f"{others} {told.get('unlike', '')}").split())
    drawing = Drawing(thing, told.get("natural", ""), not told.get("hangs", False))
    kinds = [each.split() for each in fold_text(told.get("kinds", "")).split(",") if each.strip()]
    for *kind, noun in [*([each] for each in fold_text(told.get("nouns", "")).split()), *kinds]:
        book.nouns.setdefault(noun, []).append(_Named(frozenset(kind), unlike, drawing))
    for ending in fold_text(told.get("endings", "")).split():
        book.endings[ending] = _Named(frozenset(), unlike, drawing)


def _folder() -> Traversable:
    return files("models.scene.drawn") / "things"


@cache
def svg_of(thing: str) -> str:
    """A drawing as its file has it: `currentColor` is the colour of the thing."""
    return (_folder() / f"{thing}.svg").read_text("utf-8")


def drawing_of(noun: str, title: str = "", copy: str = "", language: str = "en") -> Drawing | None:
    """What shows just this thing, by the noun's head: its last word, in German and Chinese the end of it; of
    several the one whose words the title (without one, the copy) says. None where nothing does, where the
    word may be one of another language, or where title or copy make it another kind: a drawing of another
    thing is worse than none."""
    words = _words(noun)
    if not words or language not in _languages() or words[-1] in _languages()[language]:
        return None
    if names_another(fold_text(title).replace(words[-1], "")):
        return None
    named = _words(f"{noun} {title or copy}")
    said = _in_any_number(_words(f"{noun} {title} {copy}"), language) | in_english(
        fold_text(f"{noun} {title}"), language
    )
    numbers = _in_any_number(named, language)
    meant = [each for each in _meant_by(words[-1], language) if each.kind.issubset(numbers)]
    most = max((len(each.kind) for each in meant), default=0)
    fit = (each for each in meant if len(each.kind) == most and each.unlike.isdisjoint(said))
    return next((each.drawing for each in fit), None)


def _words(text: str) -> list[str]:
    return _WORD.findall(fold_text(text))


def _in_any_number(words: list[str], language: str) -> set[str]:
    return {form for word in words for form in singulars(word, language)}


def _meant_by(head: str, language: str) -> list[_Named]:
    """All that a noun may mean, those of several words first."""
    book = _book()
    found = next((book.nouns[form] for form in _forms(head, language) if form in book.nouns), [])
    if found:
        return found
    ends = [each for each in book.endings if head.endswith(each) and stays_the_same(head.removesuffix(each))]
    return [book.endings[max(ends, key=len)]] if ends else []


def _forms(word: str, language: str) -> Iterator[str]:
    """A word as it is and in the singular; of Chinese also its endings, where what stands before them leaves
    the thing what it is."""
    yield from singulars(word, language)
    if regex.match(r"\p{Han}", word):
        yield from (word[at:] for at in range(1, len(word)) if stays_the_same(word[:at]))
