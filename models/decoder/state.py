"""What a graph gives and what a running micro-batch is, whichever graph computes it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Top(NamedTuple):
    """The best tokens of each row, best first; valid until the graph runs again."""

    logits: NDArray[np.float32]
    ids: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Top:
        return Top(self.logits[rows], self.ids[rows])


class DecodingState(Protocol):
    """Sequences in the middle of being written."""

    @property
    def rows(self) -> int: ...

    def step(self, ids: NDArray[np.int64], live: NDArray[np.bool_]) -> Top:
        """Appends `ids` (rows,) to the rows that are live and computes what may follow; what other rows get
        means nothing."""

    def take(self, rows: NDArray[np.int64]) -> DecodingState:
        """A state of these rows of this one, which is used no more."""
