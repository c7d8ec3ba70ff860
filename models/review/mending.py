"""Words that were broken into pieces or run together, made whole again: "gua ran teed", "loseweight"."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Final

_RUN: Final = re.compile(r"(?<![\w'])[^\W\d_]+(?:[ -][^\W\d_]+)+(?![\w'])")
_BETWEEN: Final = re.compile("[ -]")
_MOST_PIECES: Final = 5
_LONGEST_PIECE: Final = 7
_SHORTEST_WHOLE: Final = 4
_SHORTEST_RUN: Final = 6
_PIECE_WORDS: Final = "st ch sh th ck ld ll bl kn wh gr gu ri ss ce"
_PIECES: Final = frozenset(_PIECE_WORDS.split())
"""What texts write alone, too ("st. james"), and is a piece beside words."""
_STRANGE: Final = 2.0
_WHOLE: Final = 1.25
"""What a word costs that is not known, beside 1 for a known one, and one that was put together."""


def mended(folded: str, known: AbstractSet[str]) -> str:
    """`folded` with pieces put together that are no words by themselves, where together they are one."""
    known = known - _PIECES if _PIECES & set(re.split(r"\W+", folded)) else known
    return _RUN.sub(lambda run: _together(_BETWEEN.split(run.group()), known) or run.group(), folded)


def _together(pieces: list[str], known: AbstractSet[str]) -> str:
    """The cheapest way to read the pieces; empty where no strange piece is explained by it."""
    if all(each in known or len(each) > _LONGEST_PIECE for each in pieces):
        return ""
    best: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
    for end in range(1, len(pieces) + 1):
        best.append(min(_ways(pieces, end, best, known)))
    words = best[-1][1]
    return " ".join(words) if len(words) < len(pieces) else ""


def _ways(
    pieces: list[str], end: int, best: list[tuple[float, tuple[str, ...]]], known: AbstractSet[str]
) -> list[tuple[float, tuple[str, ...]]]:
    last = pieces[end - 1]
    ways = [(best[end - 1][0] + (1.0 if last in known else _STRANGE), (*best[end - 1][1], last))]
    for start in range(max(0, end - _MOST_PIECES), end - 1):
        whole = "".join(pieces[start:end])
        if len(whole) >= _SHORTEST_WHOLE and whole in known:
            ways.append((best[start][0] + _WHOLE, (*best[start][1], whole)))
    return ways


def rejoined(run: str, known: AbstractSet[str]) -> str:
    """Letters that were set apart one by one, with spaces where words begin; as they are where they are no
    row of known words."""
    if len(run) < _SHORTEST_RUN or run in known:
        return run
    fewest: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(run) + 1):
        ways = [
            (*before, run[start:end])
            for start in range(end)
            if (before := fewest[start]) is not None and run[start:end] in known
        ]
        fewest.append(min(ways, key=len, default=None))
    return " ".join(fewest[-1]) if fewest[-1] else run
