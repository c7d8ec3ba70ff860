"""The weights of the judge: logistic regression over hashed features, few of which many drafts have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.arrays import FloatArray, IntArray
from models.meaning.fitting import sparse

PENALTY: Final = 1e-4
STEPS: Final = 150
_RATE: Final = 0.04
_MOMENTS: Final = (0.9, 0.99)


def fit_judge(
    held: Sequence[IntArray], good: IntArray, worth: FloatArray, buckets: int
) -> tuple[FloatArray, float]:
    """Weights (buckets,) and bias of being good over not being it: the least cross-entropy of drafts that
    count `worth` each, both kinds weighed alike up to a square root. By Adam (Kingma and Ba 2015) over all at
    once, which moves the weight of a rare phrase as far as that of a frequent one. Deterministic."""
    rows = sparse(held)
    share = worth / np.sqrt(np.maximum(np.bincount(good, worth, minlength=2), 1))[good]
    share = (share / share.sum()).astype(np.float32)
    order = np.argsort(rows.buckets, kind="stable")
    present, first = np.unique(rows.buckets[order], return_index=True)
    columns = np.searchsorted(present, rows.buckets)
    owners = np.repeat(np.arange(len(held)), np.diff(np.r_[rows.starts, len(rows.buckets)]))[order]
    values = rows.values[order]
    known = np.zeros(len(present) + 1, np.float32)  # the last one is the bias
    mean, square = np.zeros_like(known), np.zeros_like(known)
    for step in range(1, STEPS + 1):
        sums = np.add.reduceat(known[columns] * rows.values, rows.starts) + known[-1]
        gap = ((1 + np.tanh(sums / 2)) / 2 - good) * share
        slope = np.append(np.add.reduceat(gap[owners] * values, first) + PENALTY * known[:-1], gap.sum())
        mean += (1 - _MOMENTS[0]) * (slope - mean)
        square += (1 - _MOMENTS[1]) * (slope**2 - square)
        steady, spread = mean / (1 - _MOMENTS[0] ** step), square / (1 - _MOMENTS[1] ** step)
        pace = _RATE * (1 - (step - 1) / STEPS)
        known = np.asarray(known - pace * steady / (np.sqrt(spread) + 1e-8), np.float32)
    weights = np.zeros(buckets, np.float32)
    weights[present] = known[:-1]
    return weights, float(known[-1])
