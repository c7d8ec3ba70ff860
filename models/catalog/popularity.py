"""How popular items are, from what users took."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray


def popularity_of(takers: NDArray[np.integer]) -> FloatArray:
    """0 to 1 per item, by the logarithm of how many users took it (n,): counts span decades, and what a
    hundred more mean depends on how many there were."""
    logs = np.log1p(np.maximum(takers, 0))
    return np.asarray(logs / max(float(logs.max(initial=0.0)), 1.0), np.float32)


def of_rows(popularity: FloatArray, items: int) -> FloatArray:
    """Popularity (items,) of all rows of a version from that of its first ones (p <= items,): an item that
    came later counts as an average one."""
    mean = float(popularity.mean()) if len(popularity) else 0.0
    return np.concatenate((popularity, np.full(items - len(popularity), mean, np.float32)))
