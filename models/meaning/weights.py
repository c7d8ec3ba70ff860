"""The fitted weights as a file of the project, and what a text means by them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import numpy as np

from models.arrays import FloatArray
from models.meaning.examples import MEANINGS
from models.meaning.features import features
from models.meaning.fitting import PULL, shares

WEIGHTS_FILE: Final = "weights.npz"
_LARGEST: Final = 127


@dataclass(frozen=True, eq=False)
class Meanings:
    """Weights float32 (BUCKETS, meanings) and bias (meanings,), in the order of MEANINGS."""

    weights: FloatArray
    bias: FloatArray

    def of(self, folded: str) -> FloatArray:
        """How likely a folded text means each of MEANINGS, (meanings,), sum 1."""
        buckets = features(folded)
        scores = self.weights[buckets].sum(axis=0) * (PULL / np.sqrt(len(buckets))) + self.bias
        return shares(scores)


def blamed(meant: FloatArray) -> tuple[float, str]:
    """The share of all meanings that may not be published, and the likeliest of them."""
    return 1.0 - float(meant[0]), MEANINGS[1 + int(meant[1:].argmax())]


def save_weights(path: Path, weights: FloatArray, bias: FloatArray) -> None:
    """Eight bits a weight, a scale per meaning."""
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-12) / _LARGEST
    packed = np.rint(weights / scales).astype(np.int8)
    np.savez_compressed(path, packed=packed, scales=scales.astype(np.float32), bias=bias)


@lru_cache(maxsize=1)
def load_meanings() -> Meanings:
    """The project's weights."""
    with as_file(files(__package__) / WEIGHTS_FILE) as path, np.load(path) as stored:
        return Meanings(stored["packed"] * stored["scales"], stored["bias"])
