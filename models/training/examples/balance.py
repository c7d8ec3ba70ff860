"""Class balance: how often an example is drawn, so that rare categories and tones are learnt as well as
common ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.corpus.examples import CorpusExample


def balance_weights(examples: Sequence[CorpusExample], power: float = 1.0) -> NDArray[np.float64]:
    """Weight per example (n,), mean 1: one over the counts of its category and of its tone, to `power` (0 =
    as they are, 1 = even)."""
    categories = Counter(example.brief.category.casefold() for example in examples)
    tones = Counter(example.brief.tone for example in examples)
    counts = [
        categories[example.brief.category.casefold()] * tones[example.brief.tone] for example in examples
    ]
    weights = np.power(np.array(counts, np.float64), -power)
    return weights / weights.mean()
