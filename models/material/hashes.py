"""Perceptual hashes: those of pictures that look alike differ in few bits (N. Krawetz 2013, dHash)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

ALIKE_BITS: Final = 6
"""Most bits of 64 by which near duplicates differ: other files, sizes and slight crops of one picture."""


def difference_hash(image: Image.Image) -> str:
    """64 bits as hex: whether each of 8 x 8 fields is darker than the one to its right."""
    from PIL import Image  # what compares hashes alone needs no pictures

    grey = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    return np.packbits(grey[:, 1:] > grey[:, :-1]).tobytes().hex()


def bits_apart(one: str, other: str) -> int:
    """In how many bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def firsts_alike(hashes: Sequence[str]) -> list[int | None]:
    """For each hash the index of the first one before it that looks alike; None where it is new."""
    found: list[int | None] = []
    for at, each in enumerate(hashes):
        alike = (n for n in range(at) if found[n] is None and bits_apart(hashes[n], each) <= ALIKE_BITS)
        found.append(next(alike, None))
    return found
