"""The simplest chooser."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.decoder.sequence import STOP


class Greedy:
    """Takes the most likely token until one of `eos`."""

    def __init__(self, eos: tuple[int, ...] = ()) -> None:
        self._eos = np.array(eos, np.int64)

    def choose(
        self,
        rows: NDArray[np.int64],
        top_logits: NDArray[np.float32],
        top_ids: NDArray[np.int64],
        step: int,
        draws: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        best = top_ids[:, 0]
        return np.where(np.isin(best, self._eos), STOP, best)
