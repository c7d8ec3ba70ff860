"""What a feature counts in a sentence: the rarer the more, since common words say least of what is meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.arrays import FloatArray, IntArray
from models.meaning.features import AIDS, BUCKETS

RARITY: Final = 3.0
HALF: Final = 0.5


def seen_in(rows: Sequence[IntArray]) -> IntArray:
    """In how many sentences each bucket stands, (BUCKETS,)."""
    return np.bincount(np.concatenate(rows), minlength=BUCKETS)


def worth_of(seen: IntArray, sentences: int) -> FloatArray:
    """(BUCKETS,): 1 for what was never seen, less the more of `sentences` it was seen in: the logarithm of
    their ratio, as in tf-idf (Sparck Jones, 1972), to the third power, which was best where all of a writer
    was left out."""
    rarity = 1 - np.log1p(seen) / np.log1p(sentences)
    worth = np.maximum(rarity, 0) ** RARITY + _LEAST
    worth[AIDS:] *= HALF
    return np.asarray(worth, np.float32)


_LEAST: Final = 1e-6
"""So that a sentence of nothing but what every sentence has is still a row of some length."""
