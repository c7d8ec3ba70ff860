from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.arrays import IntArray
from models.decoder.loop import write_rows
from models.decoder.sequence import STOP
from models.decoder.state import Top


class Rows:
    """A state that only remembers what it was asked."""

    def __init__(self, names: IntArray, log: list[tuple[str, list[int]]]) -> None:
        self.names, self.log = names, log

    @property
    def rows(self) -> int:
        return len(self.names)

    def step(self, ids: IntArray, live: NDArray[np.bool_]) -> Top:
        self.log.append(("step", self.names[live].tolist()))
        return self.top()

    def take(self, rows: IntArray) -> Rows:
        self.log.append(("take", self.names[rows].tolist()))
        return Rows(self.names[rows], self.log)

    def top(self) -> Top:
        """Each row is offered its own name."""
        return Top(np.zeros((self.rows, 1), np.float32), self.names[:, None])


class EndsAt:
    """Row r takes what it is offered and stops at step ends[r]."""

    def __init__(self, ends: list[int]) -> None:
        self.ends = np.array(ends)

    def choose(
        self,
        rows: IntArray,
        top_logits: NDArray[np.float32],
        top_ids: IntArray,
        step: int,
        draws: NDArray[np.float64],
    ) -> IntArray:
        assert (top_ids[:, 0] == rows * 10).all()  # what is offered is the row's own, also after compaction
        assert (draws == rows + step / 100).all()
        return np.where(self.ends[rows] <= step, STOP, top_ids[:, 0])


def run(ends: list[int], limit: int) -> tuple[list[tuple[int, str]], list[tuple[str, list[int]]]]:
    count = len(ends)
    log: list[tuple[str, list[int]]] = []
    state = Rows(np.arange(count) * 10, log)
    draws = np.arange(count)[:, None] + np.arange(limit) / 100
    written = write_rows(state, state.top(), np.arange(count), EndsAt(ends), draws, lambda: 1.0)
    for row, sequence in enumerate(written):
        assert sequence.ids == [row * 10] * len(sequence.ids)
    return [(len(sequence.ids), sequence.why) for sequence in written], log


def test_rows_end_where_the_chooser_says_and_the_longest_at_the_limit() -> None:
    assert run([2, 5, 0, 9], 5)[0] == [(2, ""), (5, "limit"), (0, ""), (5, "limit")]


def test_finished_rows_leave_when_three_quarters_are_live_and_ride_along_before() -> None:
    _, log = run([1, 2, 9, 9, 9, 9, 9, 9], 4)
    assert log == [
        ("step", [0, 10, 20, 30, 40, 50, 60, 70]),
        ("step", [10, 20, 30, 40, 50, 60, 70]),  # 7 of 8 live
        ("take", [20, 30, 40, 50, 60, 70]),  # 6 of 8
        ("step", [20, 30, 40, 50, 60, 70]),
    ]


def test_nothing_is_computed_after_the_last_token_of_all_rows() -> None:
    assert [kind for kind, _ in run([9, 9], 3)[1]] == ["step", "step"]
    assert run([0, 0], 3)[1] == []
