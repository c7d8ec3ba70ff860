"""What numbers of a text measure: "20 litres" is no 20 pockets and no 20 days."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from models.text.number_words import said_numbers
from models.text.scripts import is_unspaced

_FIGURE: Final = re.compile(
    r"(?<![\w.,€$£¥/⁄×–-])(?<![€$£¥]\s)\d+(?:[.,]\d+)*(?![\d%‰])(?!\s?[%€$£¥/⁄:×–]|\s?x\s?\d)"
)
_WORD: Final = re.compile(r"[\s-]*([^\W\d_]+|[\"″”'′°])\.?")
_HAN: Final = re.compile(r"\s*([a-z]+(?=[\u4e00-\u9fff])|[^\W\d_])")
_MOST: Final = 3
_SHORTEST: Final = 3
"""Letters of a word that tells what is counted; less is short for something."""


class CountedNumber(NamedTuple):
    """A number in one spelling, how it is said, what follows up to the end of what it counts, and the unit
    of measure among that; "" where it counts things or nothing is known of it."""

    value: str
    said: str
    after: tuple[str, ...]
    unit: str

    @property
    def is_of_things(self) -> bool:
        """Whether words for things follow, and no measure."""
        return not self.unit and bool(self.after) and len(self.after[0]) >= _SHORTEST


class _Words(NamedTuple):
    """Unit of each word for it, and of how words begin that are made of one; words for several of a unit,
    words that end what a number counts, numbers that count in another way ("twice")."""

    units: dict[str, str]
    begins: dict[str, str]
    several: frozenset[str]
    ends: frozenset[str]
    no_counts: frozenset[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    raw = tomllib.loads(files(__package__).joinpath("counted.toml").read_text(encoding="utf-8"))
    units = {word: unit for unit, words in raw["units"].items() for word in words.split()}
    several = frozenset(word for word in units if word.endswith(("s", "n")) and len(word) > _MOST)
    return _Words(
        units, raw["begins"], several, frozenset(raw["ends"].split()), frozenset(raw["no_counts"].split())
    )


def counted(folded: str, language: str) -> Iterator[CountedNumber]:
    """Each number of a folded text that tells how much or how many."""
    for figure in _FIGURE.finditer(folded):
        yield _of(folded, figure.group(), figure.start(), figure.end())
    for each in said_numbers(folded, language):
        said = folded[each.start : each.end]
        if not each.is_rank and said not in _words().no_counts:
            yield _of(folded, each.value, each.start, each.end)


def _of(folded: str, value: str, start: int, end: int) -> CountedNumber:
    said, known = folded[start:end], _words()
    following = _HAN.match(folded, end)
    if following and (
        is_unspaced(following[1][0]) or is_unspaced(folded[following.end() : following.end() + 1])
    ):
        return CountedNumber(value, said, (following[1],), known.units.get(following[1], ""))
    after: list[str] = []
    while len(after) < _MOST and (word := _WORD.match(folded, end)) and word[1] not in known.ends:
        after.append(word[1])
        end = word.end()
        if (len(after) == 1 or word[1] in known.several) and (unit := _unit(word[1])):
            return CountedNumber(value, said, tuple(after), unit)
        if word.group().endswith("."):
            break
    return CountedNumber(value, said, tuple(after), "")


@lru_cache(maxsize=4096)
def _unit(word: str) -> str:
    """The unit that a word names, or that a German one is made of: "dreistündig"."""
    known = _words()
    made_of = (unit for begins, unit in known.begins.items() if word.startswith(begins))
    return known.units.get(word) or next(made_of, "")


def counts_another(said: CountedNumber, told: Sequence[CountedNumber]) -> bool:
    """Whether a number of a copy measures what the sources, which tell it as in `told`, do not, or counts
    things where they all measure. What is not known of one of them may be anything."""
    if said.unit:
        return bool(told) and all(
            each.is_of_things or (each.unit and each.unit != said.unit) for each in told
        )
    return said.is_of_things and bool(told) and all(each.unit for each in told)
