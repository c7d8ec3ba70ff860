"""Fit the weights that tell meanings apart: multinomial logistic regression over hashed features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.arrays import FloatArray, IntArray

PULL: Final = 5.0
"""The squares of what the features of a sentence count sum to 25: long and short sentences alike."""
STEPS: Final = 80
_TURNS: Final = 8


@dataclass(frozen=True, eq=False)
class Sparse:
    """Sentences as rows: `starts` (n,) into `buckets` (k,) and `values` (k,), what each bucket counts."""

    starts: IntArray
    buckets: IntArray
    values: FloatArray


def sparse(rows: Sequence[IntArray], worth: FloatArray | None = None) -> Sparse:
    """Every row has a feature: its length at least. `worth` (buckets,) is what each counts beside the others;
    all count alike without it."""
    sizes = np.array([len(row) for row in rows], np.int64)
    starts, buckets = np.r_[0, np.cumsum(sizes)[:-1]], np.concatenate(rows)
    values = np.ones(len(buckets), np.float32) if worth is None else worth[buckets]
    pulls = PULL / np.sqrt(np.add.reduceat(values**2, starts))
    return Sparse(starts, buckets, np.asarray(values * np.repeat(pulls, sizes), np.float32))


def logits(rows: Sparse, weights: FloatArray, bias: FloatArray) -> FloatArray:
    """Scores (n, meanings)."""
    sums = np.add.reduceat(weights[rows.buckets] * rows.values[:, None], rows.starts, axis=0)
    return np.asarray(sums + bias, np.float32)


def shares(scores: FloatArray) -> FloatArray:
    """Softmax over the last axis."""
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=-1, keepdims=True), np.float32)


def fit_meanings(
    rows: Sparse, labels: IntArray, meanings: int, *, buckets: int, penalty: float
) -> tuple[FloatArray, FloatArray]:
    """Weights (buckets, meanings) and bias (meanings,) of the least cross-entropy with each meaning weighed
    alike up to a square root, by accelerated gradients (Nesterov, 1983) over all sentences at once, with the
    longest step that cannot overshoot. Deterministic."""
    counts = np.bincount(labels, minlength=meanings)
    importance = (1 / np.sqrt(np.maximum(counts, 1)))[labels]
    importance = (importance / importance.sum()).astype(np.float32)
    wanted = np.eye(meanings, dtype=np.float32)[labels]
    columns = _columns(rows)
    compact = Sparse(rows.starts, np.searchsorted(columns.present, rows.buckets), rows.values)
    rate = 1 / (_steepest(compact, columns, importance) + penalty)
    weights: FloatArray = np.zeros((len(columns.present), meanings), np.float32)
    bias: FloatArray = np.zeros(meanings, np.float32)
    ahead, ahead_bias, pace = weights, bias, 1.0
    for _ in range(STEPS):
        gap = (shares(logits(compact, ahead, ahead_bias)) - wanted) * importance[:, None]
        next_weights = np.asarray(ahead - rate * (columns.sums(gap) + penalty * ahead), np.float32)
        next_bias = np.asarray(ahead_bias - gap.sum(axis=0), np.float32)
        next_pace = (1 + (1 + 4 * pace**2) ** 0.5) / 2
        swing = np.float32((pace - 1) / next_pace)
        ahead = np.asarray(next_weights + swing * (next_weights - weights), np.float32)
        ahead_bias = np.asarray(next_bias + swing * (next_bias - bias), np.float32)
        weights, bias, pace = next_weights, next_bias, next_pace
    whole = np.zeros((buckets, meanings), np.float32)
    whole[columns.present] = weights
    return whole, bias


@dataclass(frozen=True, eq=False)
class _Columns:
    """The entries ordered by bucket: the buckets there are, where each one's entries begin, the sentences and
    values they belong to."""

    present: IntArray
    first: IntArray
    owners: IntArray
    values: FloatArray

    def sums(self, of: FloatArray) -> FloatArray:
        """What each bucket gets of (n, k), (buckets there are, k)."""
        return np.asarray(np.add.reduceat(of[self.owners] * self.values[:, None], self.first, axis=0))


def _columns(rows: Sparse) -> _Columns:
    order = np.argsort(rows.buckets, kind="stable")
    present, first = np.unique(rows.buckets[order], return_index=True)
    owners = np.repeat(np.arange(len(rows.starts)), np.diff(np.r_[rows.starts, len(rows.buckets)]))
    return _Columns(present, first, owners[order], rows.values[order])


def _steepest(compact: Sparse, columns: _Columns, importance: FloatArray) -> float:
    """The most that a gradient of weights can grow along a way of length one, by power iteration; weights and
    bias together may go half as far each, which is the half that the softmax leaves of it."""
    way: FloatArray = np.ones((len(columns.present), 1), np.float32)
    grown = 1.0
    for _ in range(_TURNS):
        along = logits(compact, way / np.float32(grown), np.zeros(1, np.float32))
        way = columns.sums(along * importance[:, None])
        grown = float(np.linalg.norm(way))
    return 1.1 * grown
