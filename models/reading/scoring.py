"""What filled sheets say: shares with their intervals, per source, of readings that can be relied on."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from models.judge.marks import Marked
from models.reading.sheet import ReaderMark, Secret

RELIABLE: Final = 0.9
"""A reading counts that marks so many of the hidden good and of the hidden bad ones right."""
_Z: Final = 1.959964
"""95 % of a normal distribution lie within so many deviations."""


class ShareInterval(NamedTuple):
    """How many of how many, and the Wilson interval of 95 % (Wilson 1927); a tie is half a hit."""

    hits: float
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else float("nan")


class Scored(NamedTuple):
    """One reading. `counts`: whether enough of the hidden ones are right; `missing`: entries without a mark;
    `reasons`: why not, of what was to be judged, the most frequent first."""

    good_right: ShareInterval
    bad_right: ShareInterval
    counts: bool
    missing: int
    publishable: dict[str, ShareInterval]
    reasons: dict[str, int]


def share_interval(hits: float, of: int) -> ShareInterval:
    """A share with its interval of 95 %; (0, 1) of nothing."""
    if not of:
        return ShareInterval(0, 0, 0.0, 1.0)
    part, square = hits / of, _Z * _Z / of
    middle = (part + square / 2) / (1 + square)
    reach = _Z / (1 + square) * math.sqrt(part * (1 - part) / of + square / (4 * of))
    return ShareInterval(hits, of, max(0.0, middle - reach), min(1.0, middle + reach))


def scored(secrets: Sequence[Secret], marks: Sequence[ReaderMark]) -> Scored:
    """What the marks of one reader say of a sheet. Raises ValueError for marks of another sheet, and for two
    of one entry."""
    said = {mark.id: mark for mark in marks}
    strange = said.keys() - {secret.id for secret in secrets}
    if strange or len(said) != len(marks):
        what = f"{min(strange)} is no entry of this sheet" if strange else "an entry is marked twice"
        raise ValueError(f"{what}: score a filled sheet with the key that was written beside it")
    read = [(secret.piece, said[secret.id]) for secret in secrets if secret.id in said]
    known = {
        truth: share_interval(
            sum(mark.publishable == truth for piece, mark in read if piece.publishable is truth),
            sum(piece.publishable is truth for piece, _ in read),
        )
        for truth in (True, False)
    }
    by_source: dict[str, list[bool]] = defaultdict(list)
    for piece, mark in read:
        if piece.publishable is None:
            by_source[piece.source].append(mark.publishable)
    reasons = Counter(
        mark.reason
        for piece, mark in read
        if piece.publishable is None and not mark.publishable and mark.reason
    )
    return Scored(
        known[True],
        known[False],
        all(share.of > 0 and share.value >= RELIABLE for share in known.values()),
        len(secrets) - len(read),
        {source: share_interval(sum(each), len(each)) for source, each in sorted(by_source.items())},
        dict(reasons.most_common()),
    )


def judged_pieces(secrets: Sequence[Secret], marks: Sequence[ReaderMark]) -> Iterator[Marked]:
    """What a reader said of the pieces that were to be judged."""
    said = {mark.id: mark for mark in marks}
    for secret in secrets:
        mark, piece = said.get(secret.id), secret.piece
        if mark is not None and piece.publishable is None:
            reason = "" if mark.publishable else mark.reason
            yield Marked(piece.source, piece.brief, piece.copy, mark.publishable, reason)


def difference(one: ShareInterval, other: ShareInterval) -> tuple[float, float, float]:
    """How much larger `one` is than `other`, and the interval of 95 % (Newcombe 1998, from both Wilson
    intervals)."""
    gap = one.value - other.value
    low = gap - math.hypot(one.value - one.low, other.high - other.value)
    high = gap + math.hypot(one.high - one.value, other.value - other.low)
    return gap, low, high
