"""Lines of a text: where they may break in its script (UAX 14), and even ones among those."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from uniseg.linebreak import line_break_units

Measure = Callable[[str], float]


@lru_cache(maxsize=4096)
def _units(text: str) -> tuple[str, ...]:
    """Pieces between which a line may end."""
    return tuple(line_break_units(" ".join(text.split())))


def wrapped(text: str, width: float, most_lines: int, measure: Measure) -> list[str] | None:
    """The text in at most `most_lines` lines of `width`, about equally long; None when it does not fit. Never
    cut, never broken inside a word."""
    units = _units(text)
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
