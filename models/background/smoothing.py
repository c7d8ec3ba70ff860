"""Maps (height, width) made smooth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float64]


def blurred(values: Map, deviation: float) -> Map:
    """A Gaussian of so many pixels over a map, which goes on beyond its edges as in a mirror."""
    along = _blurred_down(values, deviation)
    return _blurred_down(along.T, deviation).T


def smooth_step(values: Map) -> Map:
    """From 0 below 0 to 1 above 1 without a corner."""
    share = np.clip(values, 0.0, 1.0)
    return np.asarray(share * share * (3 - 2 * share), np.float64)


def _blurred_down(values: Map, deviation: float) -> Map:
    side = len(values)
    at = np.arange(side)
    weights = np.zeros((side, side))
    for turn in (-1, 0, 1):  # the mirror images above and below
        for source in (at + 2 * side * turn, 2 * side * turn - 1 - at):
            weights += np.exp(-0.5 * ((at[:, None] - source[None]) / max(deviation, 1e-6)) ** 2)
    return np.asarray((weights / weights.sum(axis=1, keepdims=True)) @ values, np.float64)
