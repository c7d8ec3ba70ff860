"""What was learnt from readers: a weight for each feature, and how sure a sum of them is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np

from models.arrays import FloatArray, IntArray
from models.meaning.fitting import PULL

BUCKETS: Final = 1 << 16
WEIGHTS_FILE: Final = "weights.npz"
_LARGEST: Final = 127


@lru_cache(maxsize=65_536)  # drafts share most of theirs
def _bucket(feature: str) -> int:
    return crc32(feature.encode()) % BUCKETS


def buckets(named: Sequence[str]) -> IntArray:
    """The buckets of some features, sorted and each once, int64 (k,)."""
    return np.array(sorted({_bucket(each) for each in named}), np.int64)


@dataclass(frozen=True, eq=False)
class Learned:
    """Weights float32 (BUCKETS,) for and against; `slope` and `offset` turn their sum into a probability
    (Platt 1999); of unseen marked drafts that score `bar` or more the share `above` is publishable."""

    weights: FloatArray
    bias: float
    slope: float
    offset: float
    bar: float
    above: float

    def sum(self, held: IntArray) -> float:
        return float(self.weights[held].sum()) * PULL / math.sqrt(len(held)) + self.bias

    def score(self, held: IntArray) -> float:
        """How likely a draft that holds these buckets is publishable."""
        return (1 + math.tanh((self.slope * self.sum(held) + self.offset) / 2)) / 2


def save_learned(path: Path, learned: Learned) -> None:
    """Eight bits a weight."""
    scale = max(float(np.abs(learned.weights).max()), 1e-12) / _LARGEST
    packed = np.rint(learned.weights / scale).astype(np.int8)
    about = np.array(
        [scale, learned.bias, learned.slope, learned.offset, learned.bar, learned.above], np.float64
    )
    np.savez_compressed(path, packed=packed, about=about)


@lru_cache(maxsize=1)
def load_learned() -> Learned:
    """The project's weights."""
    with as_file(files(__package__) / WEIGHTS_FILE) as path, np.load(path) as stored:
        scale, *about = stored["about"].tolist()
        return Learned((stored["packed"] * scale).astype(np.float32), *about)
