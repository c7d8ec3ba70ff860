"""What a fit finds in sentences of a writer of whom it has seen nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import FloatArray, IntArray
from models.meaning.fitting import logits, shares, sparse
from models.meaning.weights import fitted_meanings


@dataclass(frozen=True, slots=True)
class BlockingValidated:
    """`found`: share of the sentences to be blocked that score above all but `falsely` of the innocent."""

    falsely: float
    found: float


def cross_validated(
    rows: Sequence[IntArray], labels: IntArray, writers: Sequence[str], falsely: Sequence[float]
) -> list[BlockingValidated]:
    """The sentences of each writer are scored by weights fitted to those of all others. Deterministic."""
    of = np.array(writers)
    blame = np.zeros(len(rows), np.float32)
    for writer in sorted(set(writers)):
        others, own = np.flatnonzero(of != writer), np.flatnonzero(of == writer)
        meanings = fitted_meanings([rows[at] for at in others.tolist()], labels[others])
        held = sparse([rows[at] for at in own.tolist()], meanings.worth)
        blame[own] = 1 - shares(logits(held, meanings.weights, meanings.bias))[:, 0]
    return [BlockingValidated(share, _found(blame, labels, share)) for share in falsely]


def _found(blame: FloatArray, labels: IntArray, falsely: float) -> float:
    limit = np.quantile(blame[labels == 0], 1 - falsely)
    return float((blame[labels != 0] > limit).mean())
