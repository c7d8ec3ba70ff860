"""What items look like, beside what their texts say: blocks of one vector, before directions are fitted."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.arrays import FloatArray

WEIGHT: Final = 0.5
"""Of looks beside text: measured by tests/bench/items/bench_looks.py."""


def beside(said: FloatArray, looks: FloatArray, weight: float = WEIGHT) -> FloatArray:
    """(n, e + p) of encoded texts (n, e) and looks (n, p): unit rows, zero where they are not known. Those
    stand at the mean of the others, which says nothing."""
    known = looks.any(axis=1, keepdims=True)
    mean = looks.sum(axis=0) / max(1, int(known.sum()))
    return np.hstack([said, weight * np.where(known, looks, mean)]).astype(np.float32)


def without_looks(said: FloatArray, mean: FloatArray) -> FloatArray:
    """Encoded texts of items that come later, as wide as the basis whose `mean` is given: nobody knows what
    they look like."""
    tail = np.broadcast_to(mean[said.shape[1] :], (len(said), len(mean) - said.shape[1]))
    return np.hstack([said, tail]).astype(np.float32)
