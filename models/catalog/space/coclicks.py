"""Items by who chooses them: vectors in which items of the same users lie together.

A truncated SVD of the user-item matrix with every entry divided by the root of its user's and its item's
number of entries, so that neither busy users nor popular items decide: the spectral embedding of the graph
of users and items (Shen et al. 2021, arXiv 2108.07567, show what it shares with graph convolution).

Codes of these vectors find more on orders of a real shop than those of texts, alone or spread over the graph
(tests/bench/detector/real.py; implicit ALS is not among its ways). Of both together, a fire of either, as
much is found net of chance (.516, at 4.6 and 4.8 false ones per 1,000): not worth a second scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray, IntArray
from models.catalog.space.svd import right_singular_vectors

RANK: Final = 64
LEAST_POSITIVES: Final = 1_000
"""Fewer say nothing of who chooses what."""
_CHUNK: Final = 1 << 18
"""Pairs whose rows are held at a time."""


class OrderedPositives(NamedTuple):
    """Positives (n,) ordered by user and time; `item` = row of the catalogue."""

    user: IntArray
    item: IntArray


class CoClicks(NamedTuple):
    """What the users of items say of them: `vectors` (items, r), zero where there are none, and how many
    different `users` (items,) each has."""

    vectors: FloatArray
    users: IntArray


class _Side(NamedTuple):
    """For each row of a matrix of pairs where its pairs begin (rows + 1,), and the column of each pair."""

    start: IntArray
    column: NDArray[np.int32]

    def root_degree(self) -> FloatArray:
        return np.sqrt(np.diff(self.start))[:, None].astype(np.float32)


@dataclass(frozen=True, eq=False)
class Links:
    """Pairs of a row and a column as a matrix: 1 / sqrt(pairs of the row x pairs of the column). Every row
    and column has a pair."""

    rows: _Side
    columns: _Side

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows.start) - 1, len(self.columns.start) - 1

    @property
    def T(self) -> Links:  # noqa: N802 - as numpy has it
        return Links(self.columns, self.rows)

    def __matmul__(self, x: FloatArray) -> FloatArray:
        start, column = self.rows
        x = x / self.columns.root_degree()
        sums = np.empty((len(start) - 1, x.shape[1]), np.float32)
        first = 0
        while first < len(sums):
            last = max(first + 1, int(np.searchsorted(start, start[first] + _CHUNK, side="right")) - 1)
            of = column[start[first] : start[last]]
            np.add.reduceat(x[of], start[first:last] - start[first], axis=0, out=sums[first:last])
            first = last
        return sums / self.rows.root_degree()


def linked(chosen: OrderedPositives, items: int) -> tuple[Links, IntArray]:
    """Users and the items that they chose, each pair once, and the catalogue row of each column."""
    pairs = np.unique(chosen.user * items + chosen.item)
    user, item = pairs // items, pairs % items
    rows, row_start = _numbered(user)
    by_item = np.argsort(item, kind="stable")
    known, column_start = _starts(item[by_item])
    columns = np.searchsorted(known, item).astype(np.int32)
    return Links(_Side(row_start, columns), _Side(column_start, rows[by_item])), known


def fit_coclicks(chosen: OrderedPositives, items: int, seed: int) -> CoClicks:
    """Vectors of a catalogue of `items`; the direction of mere popularity, along which every user lies, is
    taken out."""
    links, known = linked(chosen, items)
    directions, strength = right_singular_vectors(links, RANK + 1, seed)
    users = np.zeros(items, np.int64)
    users[known] = np.diff(links.columns.start)
    popular = np.sqrt(users[known] / users.sum()).astype(np.float32)
    directions -= np.outer(popular, popular @ directions)
    vectors = np.zeros((items, directions.shape[1]), np.float32)
    vectors[known] = directions * np.sqrt(strength)
    return CoClicks(vectors, users)


def _starts(ordered: IntArray) -> tuple[IntArray, IntArray]:
    """(different values, where each begins and the end of the last)."""
    values, start = np.unique(ordered, return_index=True)
    return values, np.append(start, len(ordered)).astype(np.int64)


def _numbered(ordered: IntArray) -> tuple[NDArray[np.int32], IntArray]:
    """(number of each value, 0.., where each begins and the end of the last)."""
    _, start = _starts(ordered)
    return np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start)), start
