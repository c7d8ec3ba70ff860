"""Numbers that a text says of one thing alone: "the third trip" is trip three and no three trips, "1/2 inch"
is half an inch and no half day, a half-zip is half of nothing else, a "Zweisitzer" has no two cushions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from models.text.number_words import SaidNumber, said_numbers
from models.text.scripts import is_unspaced

RANK: Final = re.compile(
    r"(?<![\d.,])(?:(?P<before>第)\s?)?(?P<rank>\d+)(?(before)|(?:st|nd|rd|th)(?!\w))", re.I
)
"""Which one, in figures: "5th", "第5"."""
_HALF: Final = re.compile(r"(?<![\d/])1\s?[/⁄]\s?2(?![\d/])")
_HALVES: Final = frozenset(["half", "halb"])
_AFTER: Final = re.compile(r"(?:e[nmrs]?(?=\s))?[\s-]*(?:(?:an?|the|of)\s+)*(?P<thing>[^\W\d_]+)")
_BEFORE: Final = re.compile(r"(?P<thing>[^\W\d_]+)[\s-]+$")
_INCH_SIGNS: Final = ('"', "″", "”")
_SHORTEST: Final = 3
_REST: Final = re.compile(r"(?P<thing>[a-zäöüß]{3,})")
_TELLS: Final = re.compile(r".*(?:ig|isch|lich|fach|mal)(?:e[nmrs]?)?")
"""How the rest of a German word ends that tells how many: "dreistündig", and not "Dreirad"."""


class Numbered(NamedTuple):
    """A number and the word for what it is said of."""

    value: str
    thing: str


def spoken_counts_of(folded: str, language: str) -> frozenset[str]:
    """Numbers in words that tell how many, of whatever thing."""
    return frozenset(
        each.value
        for each in said_numbers(folded, language)
        if not each.is_rank
        and not (_is_half(folded, each) and _AFTER.match(folded, each.end))
        and not _in_noun(folded, each)
    )


def ranks_of(folded: str, language: str) -> frozenset[str]:
    """Numbers in words or figures that tell which one."""
    in_words = (each.value for each in said_numbers(folded, language) if each.is_rank)
    return frozenset((*in_words, *(each["rank"] for each in RANK.finditer(folded))))


def numbered_things(folded: str, language: str) -> frozenset[Numbered]:
    """Ranks and halves, each with its thing."""
    return frozenset(_numbered(folded, language))


def _numbered(folded: str, language: str) -> Iterator[Numbered]:
    for each in said_numbers(folded, language):
        if each.is_rank or _is_half(folded, each):
            yield from _of(each.value, _AFTER.match(folded, each.end))
        yield from _of(each.value, _in_noun(folded, each))
    for rank in RANK.finditer(folded):
        yield from _of(rank["rank"], _AFTER.match(folded, rank.end()))
    for half in _HALF.finditer(folded):
        if folded[half.end() : half.end() + 1] in _INCH_SIGNS:
            yield Numbered("0.5", "inch")
        yield from _of("0.5", _AFTER.match(folded, half.end()))


def _is_half(folded: str, number: SaidNumber) -> bool:
    return folded[number.start : number.end] in _HALVES


def _in_noun(folded: str, number: SaidNumber) -> re.Match[str] | None:
    """The rest of a noun that a number begins: it is said of that alone."""
    rest = _REST.match(folded, number.end) if not number.is_rank else None
    return None if rest is None or _TELLS.fullmatch(rest["thing"]) else rest


def is_of_numbered(folded: str, number: SaidNumber, things: frozenset[Numbered]) -> bool:
    """Whether a number of a text is said of a thing as one of `things` is: a rank and a half before it, "trip
    three" after it, "zwei" in "Zweisitzer"."""
    found = _in_noun(folded, number) or (
        _AFTER.match(folded, number.end)
        if number.is_rank or number.value == "0.5"
        else _BEFORE.search(folded[: number.start])
    )
    return any(
        said.value == told.value and _same(said.thing, told.thing)
        for said in _of(number.value, found)
        for told in things
    )


def _of(value: str, found: re.Match[str] | None) -> Iterator[Numbered]:
    if found is not None:
        thing = found["thing"]
        yield Numbered(value, thing[0] if is_unspaced(thing[0]) else thing)


def _same(one: str, other: str) -> bool:
    """Whether two words are one, perhaps in another number."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _SHORTEST and long.startswith(short))
