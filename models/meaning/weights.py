"""The fitted weights as a file of the project, and what a text means by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import numpy as np

from models.arrays import FloatArray, IntArray
from models.meaning.examples import MEANINGS
from models.meaning.features import BUCKETS, meaning_features
from models.meaning.fitting import PULL, fit_meanings, shares, sparse
from models.meaning.worth import seen_in, worth_of

WEIGHTS_FILE: Final = "weights.npz"
PENALTY: Final = 2e-5
SHIFT: Final = 1.4
"""What is fitted by rarity is shy of words that it has not met: innocence counts so much less than fitted,
that limits mean in sentences by other writers what they say."""
_LARGEST: Final = 127
_MOST_SEEN: Final = 65_535


@dataclass(frozen=True, eq=False)
class Meanings:
    """Weights float32 (BUCKETS, meanings) and bias (meanings,), in the order of MEANINGS; `worth` (BUCKETS,)
    follows from in how many of the `sentences` that were fitted to each bucket was `seen`. `words` are those
    of the sentences."""

    weights: FloatArray
    bias: FloatArray
    seen: IntArray
    sentences: int
    words: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_worth", worth_of(self.seen, self.sentences))

    @property
    def worth(self) -> FloatArray:
        """What each bucket counts in a sentence."""
        worth: FloatArray = self.__dict__["_worth"]
        return worth

    def of(self, folded: str) -> FloatArray:
        """How likely a folded text means each of MEANINGS, (meanings,), sum 1."""
        buckets = meaning_features(folded)
        worth = self.worth[buckets]
        return shares(worth @ self.weights[buckets] * (PULL / np.sqrt(worth @ worth)) + self.bias)


def blamed(meant: FloatArray) -> tuple[float, str]:
    """The share of all meanings that may not be published, and the likeliest of them."""
    return 1.0 - float(meant[0]), MEANINGS[1 + int(meant[1:].argmax())]


def fitted_meanings(
    rows: Sequence[IntArray], labels: IntArray, words: frozenset[str] = frozenset()
) -> Meanings:
    """To the features of sentences and what each means; `words` are kept beside."""
    seen = np.minimum(seen_in(rows), _MOST_SEEN)
    held = sparse(rows, worth_of(seen, len(rows)))
    weights, bias = fit_meanings(held, labels, len(MEANINGS), buckets=BUCKETS, penalty=PENALTY)
    bias[0] -= SHIFT
    return Meanings(weights, bias, seen, len(rows), words)


def save_weights(path: Path, meanings: Meanings) -> None:
    """Eight bits a weight, a scale per meaning."""
    scales = np.maximum(np.abs(meanings.weights).max(axis=0), 1e-12) / _LARGEST
    np.savez_compressed(
        path,
        packed=np.rint(meanings.weights / scales).astype(np.int8),
        scales=scales.astype(np.float32),
        bias=meanings.bias,
        seen=meanings.seen.astype(np.uint16),
        sentences=np.int64(meanings.sentences),
        words=np.frombuffer("\n".join(sorted(meanings.words)).encode(), np.uint8),
    )


@lru_cache(maxsize=1)
def load_meanings() -> Meanings:
    """The project's weights."""
    with as_file(files(__package__) / WEIGHTS_FILE) as path, np.load(path) as stored:
        seen, sentences = stored["seen"].astype(np.int64), int(stored["sentences"])
        words = frozenset(stored["words"].tobytes().decode().split("\n"))
        return Meanings(stored["packed"] * stored["scales"], stored["bias"], seen, sentences, words)
