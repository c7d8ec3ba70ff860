"""Lines of a text: where they may break in its script (UAX 14), where a reader would (between phrases of
Chinese, words of Thai, never inside a name, not behind a hyphen), and even ones among those."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from math import inf
from typing import Final, Literal

import budoux
import regex
from uniseg.linebreak import line_break_units

Measure = Callable[[str], float]
Ends = Literal["clauses", "phrases", "anywhere"]
_CLOSED: Final = regex.compile(r"[,.;:!?，。；：！？、]\s*$")
_CHINESE: Final = regex.compile(r"\p{Han}")
_THAI: Final = regex.compile(r"\p{Thai}")
_UNBEGUN: Final = regex.compile(r"[\p{M}\p{P}\p{Z}ๆฯะาำๅ]")
_UNENDED: Final = regex.compile(r"[เแโใไ\p{Ps}\p{Pi}]$")
"""Signs of Thai that no line begins with, and those that none ends with."""
_SENTENCE: Final = regex.compile(r"[.!?…。！？]\s*$")
_LONE: Final = regex.compile(r"[\p{L}--\p{Han}]{1,3}[.!?]?", regex.V1)
_BRIEF: Final = 8
"""Characters of Chinese that a line holds as it is."""
_JOINED: Final = regex.compile(r"\p{L}-$|^\p{L}\s$|\d\s$")
"""What stays with the next word: one with a hyphen, a first word of one letter, a number."""
_SHORT: Final = regex.compile(
    r"(?:[\p{L}--\p{Han}]{1,2}|the|our|and|for|der|die|das|den|dem|des|ein|und|für|mit|von|zum|zur)\s",
    regex.V1 | regex.IGNORECASE,
)
"""An article or the like: it stays with the next word, unless that is as short."""


@lru_cache(maxsize=4096)
def _units(text: str) -> tuple[str, ...]:
    """Pieces between which a line may end: of Thai, which writes no spaces between words, its words."""
    units = line_break_units(" ".join(text.split()))
    if not _THAI.search(text):
        return tuple(units)
    return tuple(piece for unit in units for piece in _thai_words(unit))


def _thai_words(unit: str) -> Iterator[str]:
    """Of a piece without spaces inside; what may not begin a line stays with the word before."""
    words = [""]
    for word in _thai_parser().parse(unit) if _THAI.search(unit) else [unit]:
        if words[-1] and not _UNBEGUN.match(word) and not _UNENDED.search(words[-1]):
            words.append("")
        words[-1] += word
    yield from words


@lru_cache(maxsize=4096)
def _phrases(text: str, whole: tuple[str, ...]) -> tuple[str, ...]:
    """Pieces between which a line ends well."""
    units = _units(text)
    plain = "".join(units)
    kept = {
        at for name in whole for found in _places(plain, name) for at in range(found + 1, found + len(name))
    }
    ends = _ends(_parser().parse(plain)) if _CHINESE.search(plain) else None
    phrases, at, last = [""], 0, ""
    for unit in units:
        before = phrases[-1]
        joined = at in kept or _JOINED.search(before) is not None
        if _SHORT.fullmatch(last) and not _SHORT.fullmatch(unit):
            joined = True
        if ends is not None and at not in ends and not _CLOSED.search(before):
            joined = True
        if at and not joined:
            phrases.append("")
        phrases[-1] += unit
        at, last = at + len(unit), unit
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
def _thai_parser() -> budoux.Parser:
    return budoux.load_default_thai_parser()


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
    `whole`, and no line is an article or a short word alone; Chinese `clauses` end with a mark,
    where there are several."""
    units = _units(text) if ends == "anywhere" else _phrases(text, whole)
    if ends == "clauses" and _CHINESE.search(text):
        closed = _clauses(units)
        units = closed if len(closed) > 1 or len(text) <= _BRIEF else units
    if not units:
        return []
    lines = _filled(units, width, measure)
    if lines is None or len(lines) > most_lines:
        return None
    made = _evened(units, lines, width, measure)
    lonely = len(made) > 1 and any(_LONE.fullmatch(each) or _SHORT.fullmatch(f"{each} ") for each in made)
    return None if lonely and ends != "anywhere" else made


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
    """The same number of lines, about equally long, that rather end with a sentence or a clause: the least
    sum over lines of their squared lengths and what their ends cost. Lengths are added up from pieces here;
    where the sum was wrong, the lines stay as they were."""
    if len(lines) < 2:
        return lines
    starts = list(accumulate((measure(each) for each in units), initial=0.0))
    inked = [measure(each.rstrip()) for each in units]
    count = len(units)

    def cost(begin: int, end: int) -> float:
        length = (starts[end - 1] - starts[begin] + inked[end - 1]) / width
        return inf if length > 1 else length * length + (_end_cost(units[end - 1]) if end < count else 0.0)

    best = [cost(0, end) if end else inf for end in range(count + 1)]
    ends: list[list[int]] = []
    for _ in lines[1:]:
        found = [min((best[at] + cost(at, end), at) for at in range(end)) for end in range(1, count + 1)]
        best = [inf, *(each for each, _ in found)]
        ends.append([0, *(at for _, at in found)])
    cuts = [count]
    for each in reversed(ends):
        cuts.insert(0, each[cuts[0]])
    made = ["".join(units[begin:end]).rstrip() for begin, end in pairwise([0, *cuts])]
    return made if all(each and measure(each) <= width for each in made) else lines


def _end_cost(unit: str) -> float:
    """Of a line that ends with this piece, in squared widths."""
    if _SENTENCE.search(unit):
        return -0.14
    return -0.07 if _CLOSED.search(unit) else 0.0
