"""What a fit finds in sentences it has not seen, and how that grows with the number it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.arrays import FloatArray, IntArray
from models.meaning.examples import MEANINGS
from models.meaning.fitting import Sparse, fit, logits, shares, sparse

FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class Validated:
    """`found`: share of the sentences to be blocked that score above all but `falsely` of the innocent."""

    fitted: int
    falsely: float
    found: float


def cross_validated(
    rows: Sequence[IntArray], labels: IntArray, part: float, falsely: Sequence[float]
) -> list[Validated]:
    """Five folds; each is scored by weights fitted to `part` of the other four. Deterministic."""
    rng = np.random.default_rng(0)
    fold, kept = rng.integers(0, FOLDS, len(rows)), rng.random(len(rows)) < part
    blame = np.zeros(len(rows), np.float32)
    for held in range(FOLDS):
        seen, unseen = np.flatnonzero((fold != held) & kept), np.flatnonzero(fold == held)
        weights, bias = fit(_part(rows, seen), labels[seen], len(MEANINGS))
        blame[unseen] = 1 - shares(logits(_part(rows, unseen), weights, bias))[:, 0]
    fitted = int(kept.sum() * (FOLDS - 1) / FOLDS)
    return [Validated(fitted, share, _found(blame, labels, share)) for share in falsely]


def _part(rows: Sequence[IntArray], chosen: IntArray) -> Sparse:
    return sparse([rows[at] for at in chosen.tolist()])


def _found(blame: FloatArray, labels: IntArray, falsely: float) -> float:
    limit = np.quantile(blame[labels == 0], 1 - falsely)
    return float((blame[labels != 0] > limit).mean())
