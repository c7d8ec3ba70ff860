"""A picture as one vector of fixed length, for item vectors that know what things look like."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.arrays import FloatArray
from models.material.picture import PictureFeatures

BLOCKS: Final = ("colour", "texture", "shape")


def picture_vector(seen: PictureFeatures, blocks: tuple[str, ...] = BLOCKS) -> FloatArray:
    """Unit float32. Each of the blocks weighs the same; square roots make a cosine of shares the Hellinger
    affinity, in which one large share does not drown the others."""
    parts = [np.sqrt(getattr(seen, name)) for name in blocks]
    return _unit(np.concatenate([_unit(each) for each in parts]))


def _unit(row: FloatArray) -> FloatArray:
    return np.asarray(row / max(float(np.linalg.norm(row)), 1e-12), np.float32)
