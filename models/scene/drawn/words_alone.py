"""What may be advertised by words alone."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import regex

from models.scene.drawn.subjects import reads
from models.text.category_leaf import is_link
from models.text.normalise import fold_text

_WORD: Final = regex.compile(r"\p{Han}+|[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*")
_PART: Final = regex.compile(r"[>/.:|›»→&,;+、]|\s(?:and|or|und|oder)\s|(?<=\p{Han})[和与及](?=\p{Han})")
_HAN: Final = regex.compile(r"\p{Han}")
_GOODS: Final = "goods"
_FIRST_PART: Final = 3
"""Least letters before the last part of a German compound."""


class _Words(NamedTuple):
    alone: frozenset[str]
    goods: frozenset[str]


@cache
def _words(language: str) -> _Words:
    """Those of a language; others have none."""
    table = tomllib.loads((files("models.scene.drawn") / "words_alone.toml").read_text("utf-8"))
    told = {kind: words.split() for kind, words in table.get(language, {}).items()}
    goods = frozenset(told.pop(_GOODS, ()))
    return _Words(frozenset(word for words in told.values() for word in words), goods)


def needs_no_picture(names: tuple[str, ...], language: str) -> bool:
    """Whether a thing, by the head of its noun (the first name) or of a part of its category (the others), is
    none that is bought for its looks. Where nothing is said of it, or in words that nobody here reads, nobody
    can tell, and words may stand alone."""
    said = "".join(names)
    if not said or not reads(said, language):
        return True
    noun, *categories = names
    head = _head(noun)
    if _is_of(head, language, goods=True):
        return False
    parts = (part for each in categories for part in _PART.split(fold_text(each.replace("_", " "))))
    return any(_is_of(each, language) for each in (head, *map(_head, parts)))


def _head(name: str) -> str:
    """The word that says what a thing is: the last one before a link ("course for beginners")."""
    words = _WORD.findall(fold_text(name))
    link = next((at for at, word in enumerate(words) if at and is_link(word)), len(words))
    return words[link - 1] if words else ""


def _is_of(head: str, language: str, goods: bool = False) -> bool:
    """Whether a head is one of the words, in German and Chinese also one that ends with one."""
    if _HAN.match(head):
        return head.endswith(tuple(_told("zh", goods)))
    if not _told("en", goods).isdisjoint(_singulars(head)):
        return True
    endings = _told("de", goods) if language == "de" else ()
    return any(
        form == each or (form.endswith(each) and len(form) - len(each) >= _FIRST_PART)
        for form in _singulars(head)
        for each in endings
    )


def _told(language: str, goods: bool) -> frozenset[str]:
    return _words(language).goods if goods else _words(language).alone


def _singulars(word: str) -> Iterator[str]:
    """A word as it is and as it may be in the singular."""
    yield word
    yield from (word.removesuffix(ending) for ending in ("s", "es", "e", "n", "en") if word.endswith(ending))
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
