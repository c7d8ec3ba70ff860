"""Fit the weights that tell meanings apart: multinomial logistic regression over hashed features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.arrays import FloatArray, IntArray
from models.meaning.features import BUCKETS

PULL: Final = 5.0
"""Features of a sentence count 5 / sqrt(how many there are): long and short sentences alike."""
PENALTY: Final = 2e-4
STEPS: Final = 150
RATE: Final = 0.02
_MOMENTS: Final = (0.9, 0.99)


@dataclass(frozen=True, eq=False)
class Sparse:
    """Sentences as rows of ones: `starts` (n,) into `buckets` (k,), `scales` (n,)."""

    starts: IntArray
    buckets: IntArray
    scales: FloatArray


def sparse(rows: Sequence[IntArray]) -> Sparse:
    """Every row has a feature: its length at least."""
    sizes = np.array([len(row) for row in rows], np.int64)
    return Sparse(
        starts=np.r_[0, np.cumsum(sizes)[:-1]],
        buckets=np.concatenate(rows),
        scales=(PULL / np.sqrt(sizes)).astype(np.float32),
    )


def logits(rows: Sparse, weights: FloatArray, bias: FloatArray) -> FloatArray:
    """Scores (n, meanings)."""
    sums = np.add.reduceat(weights[rows.buckets], rows.starts, axis=0)
    return np.asarray(sums * rows.scales[:, None] + bias, np.float32)


def shares(scores: FloatArray) -> FloatArray:
    """Softmax over the last axis."""
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=-1, keepdims=True), np.float32)


def fit(rows: Sparse, labels: IntArray, meanings: int) -> tuple[FloatArray, FloatArray]:
    """Weights (BUCKETS, meanings) and bias (meanings,) of the least cross-entropy with each meaning weighed
    alike up to a square root, by Adam (Kingma and Ba, 2015) over all sentences at once. Deterministic."""
    counts = np.bincount(labels, minlength=meanings)
    importance = (1 / np.sqrt(np.maximum(counts, 1)))[labels]
    importance = (importance / importance.sum()).astype(np.float32)
    wanted = np.eye(meanings, dtype=np.float32)[labels]
    order, first, present = _columns(rows)
    owner = np.repeat(np.arange(len(labels)), np.diff(np.r_[rows.starts, len(rows.buckets)]))[order]
    weights, bias = np.zeros((len(present), meanings), np.float32), np.zeros(meanings, np.float32)
    compact = Sparse(rows.starts, np.searchsorted(present, rows.buckets), rows.scales)
    state = [np.zeros_like(weights), np.zeros_like(weights), np.zeros_like(bias), np.zeros_like(bias)]
    for step in range(1, STEPS + 1):
        gap = (shares(logits(compact, weights, bias)) - wanted) * importance[:, None]
        slope = np.add.reduceat((gap * rows.scales[:, None])[owner], first, axis=0) + PENALTY * weights
        rate = RATE * (1 - (step - 1) / STEPS)
        _adam(weights, slope, state[0], state[1], step, rate)
        _adam(bias, gap.sum(axis=0), state[2], state[3], step, rate)
    whole = np.zeros((BUCKETS, meanings), np.float32)
    whole[present] = weights
    return whole, bias


def _columns(rows: Sparse) -> tuple[IntArray, IntArray, IntArray]:
    """Entries ordered by bucket, where each bucket's begin, and the buckets there are."""
    order = np.argsort(rows.buckets, kind="stable")
    present, first = np.unique(rows.buckets[order], return_index=True)
    return order, first, present


def _adam(
    values: FloatArray, slope: FloatArray, mean: FloatArray, square: FloatArray, step: int, rate: float
) -> None:
    mean += (1 - _MOMENTS[0]) * (slope - mean)
    square += (1 - _MOMENTS[1]) * (slope**2 - square)
    steady, spread = mean / (1 - _MOMENTS[0] ** step), square / (1 - _MOMENTS[1] ** step)
    values -= rate * steady / (np.sqrt(spread) + 1e-8)
