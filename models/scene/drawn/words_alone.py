"""What may be advertised by words alone."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

import regex

from models.scene.drawn.singular import singulars
from models.scene.drawn.subjects import is_drawn, reads
from models.text.category_leaf import is_link
from models.text.normalise import fold_text

_WORD: Final = regex.compile(r"\p{Han}+|[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*")
_PATH: Final = regex.compile(r"[>/.:|›»→]")
_OR: Final = regex.compile(r"[&,;+、]|\s(?:and|or|und|oder)\s|(?<=\p{Han})[和与及](?=\p{Han})")
_HAN: Final = regex.compile(r"\p{Han}")
_FIRST_PART: Final = 3
"""Least letters before the last part of a German compound."""


@cache
def _words(language: str) -> dict[str, frozenset[str]]:
    """Those of a language: `goods`, `categories`, and `alone` for all else."""
    table = tomllib.loads((files("models.scene.drawn") / "words_alone.toml").read_text("utf-8"))
    told = {kind: frozenset(fold_text(words).split()) for kind, words in table[language].items()}
    apart = {kind: told.pop(kind) for kind in ("goods", "categories")}
    return {"alone": frozenset().union(*told.values()), **apart}


def needs_no_picture(names: tuple[str, ...], language: str) -> bool:
    """Whether a thing, by the head of its noun (the first name), else of the last part of a category (the
    others), is none that is bought for its looks. Where nothing is said of it, or in words that nobody here
    reads, nobody can tell, and words may stand alone."""
    said = "".join(names)
    if not said or not reads(said, language):
        return True
    noun, *categories = names
    head = _head(noun)
    if _is_of(head, language, "goods") or _is_of(head, language, "alone"):
        return not _is_of(head, language, "goods")
    leaves = (_PATH.split(fold_text(each.replace("_", " ")))[-1] for each in categories)
    parts = (part for leaf in leaves for part in _OR.split(leaf))
    return not is_drawn(head, language) and any(_is_of(_head(part), language, "categories") for part in parts)


def _head(name: str) -> str:
    """The word that says what a thing is: the last one before a link ("course for beginners")."""
    words = _WORD.findall(fold_text(name))
    link = next((at for at, word in enumerate(words) if at and is_link(word)), len(words))
    return words[link - 1] if words else ""


def _is_of(head: str, language: str, kind: str) -> bool:
    """Whether a head is one of the words, in German and Chinese also one that ends with one."""
    if _HAN.match(head):
        return head.endswith(tuple(_words("zh")[kind]))
    forms = set(singulars(head, language))
    if not _words("en")[kind].isdisjoint(forms):
        return True
    endings = _words("de")[kind] if language == "de" else ()
    return any(
        form == each or (form.endswith(each) and len(form) - len(each) >= _FIRST_PART)
        for form in forms
        for each in endings
    )
