"""What words say of interests: which codes the items have that carry a word, as one number per word."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.event.terms import CODES_OF_TERM, term_keys
from models.item import Item

LEAST_SHARE: Final = 0.15
"""Share of a word's items that must have a code for the word to speak of it: words of everything say
nothing."""
FULL: Final = 255

TermArray = NDArray[np.uint64]


def fit_terms(items: Sequence[Item], codes: NDArray[np.integer]) -> TermArray:
    """(2, t): hashes of the words of titles, nouns and categories in ascending order, and what each says:
    up to four pairs of a code and its share of the word's items x 255, a byte each, strongest first."""
    counts: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for item, code in zip(items, codes.tolist(), strict=True):
        for key in term_keys(" ".join((item.title, item.noun, *item.categories))):
            counts[key][code] += 1
    said = {key: _packed(counter) for key, counter in sorted(counts.items())}
    pairs = [(key, value) for key, value in said.items() if value]
    return np.array(pairs, np.uint64).reshape(-1, 2).T.copy()


def _packed(counter: Counter[int]) -> int:
    total, value = counter.total(), 0
    strongest = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))[:CODES_OF_TERM]
    for place, (code, count) in enumerate(strongest):
        if count >= LEAST_SHARE * total:
            value |= (code | round(FULL * count / total) << 8) << 16 * place
    return value
