"""What goes with what the user looked at or took: items that he gets as candidates beside those near to his
interest, and the reason of their own that they come with. Purchases say what goes together; all that is known
of this user may be a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.catalog.complements import NOBODY
from models.catalog.version import Catalog

GOES_WITH: Final = 0.5
"""Score of an item that everybody takes who took what the user did, over one that goes with nothing. On a
shop's orders, held-out users in later months, the item is really taken later in .209 of first creatives and
.279 of those after a shift, without complements in .183 and .260 (bench_items). All that users
took there they had bought: of clicks this says nothing."""


class CrossSold(NamedTuple):
    """Rows (k,) in ascending order, the share (k,) of the buyers of what was taken who took them too, and the
    row (k,) of what was taken that each goes with."""

    rows: NDArray[np.int64]
    shares: FloatArray
    goes_with: NDArray[np.int64]


def cross_sold(catalog: Catalog, taken: Sequence[int]) -> CrossSold:
    """Complements of the rows `taken`, newest first: of each the one that says most for it."""
    known = np.array([row for row in taken if row < len(catalog.complements)], np.int64)
    rows = catalog.complements[known].ravel().astype(np.int64)
    shares = catalog.complement_shares[known].ravel()
    goes_with = np.repeat(known, catalog.complements.shape[1])
    order = np.lexsort((-shares, rows))
    order = order[rows[order] != NOBODY]
    found, first = np.unique(rows[order], return_index=True)
    return CrossSold(found, shares[order[first]], goes_with[order[first]])


def placed(sold: CrossSold, rows: NDArray[np.int64]) -> tuple[FloatArray, NDArray[np.int64]]:
    """Share, and row that it goes with, of each of `rows` (n,); 0 and NOBODY of what goes with nothing."""
    if not len(sold.rows):
        return np.zeros(len(rows), np.float32), np.full(len(rows), NOBODY, np.int64)
    at = np.minimum(np.searchsorted(sold.rows, rows), len(sold.rows) - 1)
    known = sold.rows[at] == rows
    return np.where(known, sold.shares[at], np.float32(0)), np.where(known, sold.goes_with[at], NOBODY)
