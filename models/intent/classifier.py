"""What a campaign is for, by its words: multinomial logistic regression over hashed words, their neighbours
and the letters inside them (models.meaning.features), fitted to the labelled briefs when first asked.

No list of words decides. A fit takes a fraction of a second and is the same on every start, so that nothing
is stored that could part from its briefs. What it was fitted to it also knows by its words: of a text in
other ones its shares say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from models.arrays import FloatArray, IntArray
from models.intent.examples import FITTED, INTENTS, LabelledBrief, labelled_briefs
from models.meaning.features import meaning_features
from models.meaning.fitting import fit_meanings, logits, shares, sparse
from models.text.normalise import fold_text
from models.text.scripts import LETTERS, is_unspaced

PENALTY: Final = 1e-4
_BUCKETS: Final = 1 << 17
"""A few hundred briefs have 20,000 features; two megabytes of weights."""
_SHORTEST: Final = 4
"""Letters of a word that tells something; shorter ones are mostly articles and prepositions."""


@dataclass(frozen=True, eq=False)
class IntentClassifier:
    """Weights (buckets, intents) and bias (intents,), in the order of INTENTS; `words`: the telling words of
    its briefs."""

    weights: FloatArray
    bias: FloatArray
    words: frozenset[str]

    def shares_of(self, texts: Sequence[str]) -> FloatArray:
        """How likely each text is of each intent, (n, intents), rows sum to 1."""
        return shares(logits(sparse([_row(text) for text in texts]), self.weights, self.bias))

    def known_share(self, words: frozenset[str]) -> float:
        """Of telling words, those that stand in a brief too."""
        return len(words & self.words) / max(len(words), 1)


def fitted_intents(briefs: Sequence[LabelledBrief]) -> IntentClassifier:
    """To labelled briefs, at least one."""
    rows = sparse([_row(each.text) for each in briefs])
    labels = np.array([INTENTS.index(each.intent) for each in briefs], np.int64)
    words = frozenset[str]().union(*(intent_words(each.text) for each in briefs))
    return IntentClassifier(
        *fit_meanings(rows, labels, len(INTENTS), buckets=_BUCKETS, penalty=PENALTY), words
    )


def intent_words(text: str) -> frozenset[str]:
    """The longer words of a text, each once; of a script without spaces the pairs of neighbours."""
    found = set[str]()
    for run in LETTERS.findall(fold_text(text)):
        if is_unspaced(run[0]):
            found.update(map("".join, pairwise(run)))
        elif len(run) >= _SHORTEST:
            found.add(run)
    return frozenset(found)


@lru_cache(maxsize=1)
def intent_classifier() -> IntentClassifier:
    """That of the project's briefs."""
    return fitted_intents(labelled_briefs(FITTED))


def _row(text: str) -> IntArray:
    return np.unique(meaning_features(fold_text(text)) % _BUCKETS)
