"""Lines of a text: where they may break in its script (UAX 14), where a reader would (between phrases of
Chinese, never inside a name, not behind a hyphen), and even ones among those."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate
from typing import Final, Literal

import budoux
import regex
from uniseg.linebreak import line_break_units

Measure = Callable[[str], float]
Ends = Literal["clauses", "phrases", "anywhere"]
_CLOSED: Final = regex.compile(r"[,.;:!?，。；：！？、]\s*$")
_CHINESE: Final = regex.compile(r"\p{Han}")
_JOINED: Final = regex.compile(r"\p{L}-$|^[\p{L}--\p{Han}]\s$", regex.V1)
"""What stays with the next word: one with a hyphen, a first word of one letter."""


@lru_cache(maxsize=4096)
def _units(text: str) -> tuple[str, ...]:
    """Pieces between which a line may end."""
    return tuple(line_break_units(" ".join(text.split())))


@lru_cache(maxsize=4096)
def _phrases(text: str, whole: tuple[str, ...]) -> tuple[str, ...]:
    """Pieces between which a line ends well."""
    units = _units(text)
    plain = "".join(units)
    kept = {
        at for name in whole for found in _places(plain, name) for at in range(found + 1, found + len(name))
    }
    ends = _ends(_parser().parse(plain)) if _CHINESE.search(plain) else None
    phrases, at = [""], 0
    for unit in units:
        before = phrases[-1]
        joined = at in kept or _JOINED.search(before) is not None
        if ends is not None and at not in ends and not _CLOSED.search(before):
            joined = True
        if at and not joined:
            phrases.append("")
        phrases[-1] += unit
        at += len(unit)
    return tuple(phrases)


def _clauses(phrases: tuple[str, ...]) -> tuple[str, ...]:
    clauses = [""]
    for phrase in phrases:
        if _CLOSED.search(clauses[-1]):
            clauses.append("")
        clauses[-1] += phrase
    return tuple(clauses)


def _places(text: str, name: str) -> Iterator[int]:
    at = text.find(name) if name else -1
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _ends(phrases: Sequence[str]) -> set[int]:
    return set(accumulate(map(len, phrases)))


@cache
def _parser() -> budoux.Parser:
    return budoux.load_default_simplified_chinese_parser()


def wrapped(
    text: str,
    width: float,
    most_lines: int,
    measure: Measure,
    whole: tuple[str, ...] = (),
    ends: Ends = "anywhere",
) -> list[str] | None:
    """The text in at most `most_lines` lines of `width`, about equally long; None when it does not fit. Never
    cut, never broken inside a word, nor, unless its lines end `anywhere`, inside a phrase or one of the names
    `whole`; Chinese `clauses` end with a mark, where there are several."""
    units = _units(text) if ends == "anywhere" else _phrases(text, whole)
    if ends == "clauses" and _CHINESE.search(text) and len(closed := _clauses(units)) > 1:
        units = closed
    if not units:
        return []
    lines = _filled(units, width, measure)
    if lines is None or len(lines) > most_lines:
        return None
    return _evened(units, lines, width, measure)


def _filled(units: tuple[str, ...], width: float, measure: Measure) -> list[str] | None:
    """As much as fits in each line; None when one piece is too long alone."""
    lines, line = [], ""
    for unit in units:
        if not line or measure((line + unit).rstrip()) <= width:
            line += unit
        else:
            lines.append(line.rstrip())
            line = unit
        if line == unit and measure(unit.rstrip()) > width:
            return None
    return [*lines, line.rstrip()]


def _evened(units: tuple[str, ...], lines: list[str], width: float, measure: Measure) -> list[str]:
    """The same number of lines in the least width that allows it: no lone word at the end."""
    low, high = width / len(lines) * 0.9, width
    best = lines
    for _ in range(6) if len(lines) > 1 else ():
        middle = (low + high) / 2
        found = _filled(units, middle, measure)
        if found is not None and len(found) == len(lines):
            best, high = found, middle
        else:
            low = middle
    return best
