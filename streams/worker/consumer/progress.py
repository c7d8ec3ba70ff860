"""How far a partition has been read, where that is more than what was done with its records: behind the last
record may stand markers of transactions, aborted batches, and offsets whose records are gone."""

from __future__ import annotations

from collections.abc import Iterator

from faust.types import TP


class Progress:
    """Since the last seek: the last record taken of each partition, and where its consumer stood when it gave
    none."""

    def __init__(self) -> None:
        self._last: dict[TP, int] = {}
        self._stood: dict[TP, int] = {}

    def __iter__(self) -> Iterator[TP]:
        return iter(list(self._stood))

    def taken(self, tp: TP, last: int) -> None:
        """Records up to offset `last` left the consumer, whatever became of them."""
        self._last[tp] = last
        self._stood.pop(tp, None)

    def stands(self, tp: TP, position: int) -> None:
        """A fetch brought no record of `tp`, and the consumer stands at `position`."""
        self._stood[tp] = position

    def passed(self, tp: TP, done: int) -> int:
        """The offset before which nothing is left to do, when all records before `done` are dealt with."""
        return done if done <= self._last.get(tp, -1) else max(done, self._stood.get(tp, 0))

    def forget(self, tp: TP) -> None:
        """The partition is no longer ours."""
        self._last.pop(tp, None)
        self._stood.pop(tp, None)

    def clear(self) -> None:
        """A seek follows."""
        self._last.clear()
        self._stood.clear()
