"""Interest space of text and co-clicks: what an item says of itself beside who chooses it.

An item's co-click vector counts by its evidence, n / (n + FEW) of n users; for the rest, and for an item that
nobody chose yet, stands what its text predicts (ridge regression). Text and co-clicks, BLEND times as heavy,
are reduced to the leading directions of what is chosen; a second ridge regression leads from text alone into
that space, which is how items that come later enter it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.catalog.space.coclicks import CoClicks

FEW: Final = 30.0
"""Users whose choice of an item says as much of it as its text does."""
BLEND: Final = 2.0
"""Of text 1 and co-clicks 2: 1 to 4 are as good on orders of a real shop (tests/bench/detector/real.py)."""
RIDGE: Final = 1e-3
"""Per unit of weight."""
UNSEEN: Final = 0.5
"""What an item that nobody chose weighs beside one of n users, n + UNSEEN."""


Doubles = NDArray[np.float64]


class Blend(NamedTuple):
    """vector = unit((encoded - mean) @ projection) for text alone; `placed` (n, d) are the unit vectors of
    the items fitted on, zero where text alone decides."""

    mean: FloatArray  # (e,)
    projection: FloatArray  # (e, d)
    placed: FloatArray


def blended(encoded: FloatArray, coclicks: CoClicks, dimensions: int) -> Blend:
    """The space of items with `encoded` texts (n, e) and co-clicks of at least one."""
    users = coclicks.users.astype(np.float64)
    weight = users + UNSEEN
    mean = np.average(encoded, axis=0, weights=weight)
    text = np.asarray(encoded - mean, np.float64)
    together = _scaled(coclicks.vectors.astype(np.float64), users)
    known = (users / (users + FEW))[:, None]
    together = known * together + (1 - known) * (text @ _ridge(text, together, users))
    both = np.hstack([_unit(text), BLEND * _scaled(together, weight)])
    placed = _unit(_leading(both - np.average(both, axis=0, weights=weight), weight, dimensions))
    projection = _ridge(text, placed, weight)
    placed[users == 0] = 0
    return Blend(*(each.astype(np.float32) for each in (mean, projection, placed)))


def _leading(centred: Doubles, weight: Doubles, dimensions: int) -> Doubles:
    """Coordinates along the leading principal directions, zero beyond their number; (n, dimensions)."""
    _, directions = np.linalg.eigh((centred * weight[:, None]).T @ centred)  # ascending
    leading = directions[:, ::-1][:, :dimensions]
    signs = np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(leading.shape[1])])
    return np.pad(centred @ (leading * signs), ((0, 0), (0, dimensions - leading.shape[1])))


def _ridge(x: Doubles, y: Doubles, weight: Doubles) -> Doubles:
    """(e, d) map from rows of `x` to those of `y`."""
    weighted = x * weight[:, None]
    return np.linalg.solve(weighted.T @ x + RIDGE * weight.sum() * np.eye(x.shape[1]), weighted.T @ y)


def _scaled(x: Doubles, weight: Doubles) -> Doubles:
    """Rows whose weighted mean square length is 1."""
    return x / np.sqrt(np.average(np.sum(x * x, axis=1), weights=weight))


def _unit(x: Doubles) -> Doubles:
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    return np.divide(x, norms, out=np.zeros_like(x), where=norms > 1e-9)
