"""Good copy with one fault: what a learner and a reader must tell from copy that is good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from models.brief.brief import Copy, language_of
from models.brief.facts import UNSPACED_LANGUAGES
from models.text.sentences import sentences_of

Fault = Callable[[Copy, Copy, str], Copy]
"""Of a copy, another thing's copy and a locale: the first, spoilt."""


def of_another(copy: Copy, other: Copy, locale: str) -> Copy:
    """All that is said of another thing."""
    return replace(other, cta=copy.cta, brand=copy.brand)


def swapped(copy: Copy, other: Copy, locale: str) -> Copy:
    """The right headline over the description of another thing."""
    return replace(copy, description=other.description)


def strange_headline(copy: Copy, other: Copy, locale: str) -> Copy:
    return replace(copy, headline=other.headline)


def cut_off(copy: Copy, other: Copy, locale: str) -> Copy:
    """A description that ends in the middle."""
    return replace(copy, description=_first_half(copy.description, locale))


def broken_off(copy: Copy, other: Copy, locale: str) -> Copy:
    """A description that ends inside its longest word: no half of it is a whole by chance."""
    if language_of(locale) in UNSPACED_LANGUAGES:
        return cut_off(copy, other, locale)
    longest = max(copy.description.split(), key=len)
    before = copy.description[: copy.description.index(longest)]
    return replace(copy, description=before + longest[: max(1, len(longest) // 2)])


def two_halves(copy: Copy, other: Copy, locale: str) -> Copy:
    """A description that goes on as another thing's."""
    rest = other.description.removeprefix(_first_half(other.description, locale))
    return replace(copy, description=_first_half(copy.description, locale) + rest)


def strange_end(copy: Copy, other: Copy, locale: str) -> Copy:
    """A last sentence about another thing."""
    joiner = "" if language_of(locale) in UNSPACED_LANGUAGES else " "
    return replace(copy, description=joiner.join((copy.description, sentences_of(other.description)[-1])))


def said_twice(copy: Copy, other: Copy, locale: str) -> Copy:
    """The headline again where the description belongs, twice."""
    headline = copy.headline.rstrip(" .!?。！？")
    stop, space = ("。", "") if language_of(locale) in UNSPACED_LANGUAGES else (".", " ")
    return replace(copy, description=f"{headline}{stop}{space}{headline}{stop}")


PLAIN_FAULTS: Final[tuple[Fault, ...]] = (of_another, broken_off, said_twice, swapped)
"""What any reader sees."""
FAULTS: Final[tuple[Fault, ...]] = (
    of_another, swapped, strange_headline, cut_off, two_halves, strange_end, said_twice
)  # fmt: skip


def _first_half(text: str, locale: str) -> str:
    if language_of(locale) in UNSPACED_LANGUAGES:
        return text[: len(text) // 2]
    words = text.split()
    return " ".join(words[: len(words) // 2])
