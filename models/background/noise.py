"""Normal noise that is the same in every version of every library: SplitMix64 (Steele et al. 2014) and the
transform of Box and Muller (1958)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_GOLDEN: Final = 0x9E3779B97F4A7C15
_MIXES: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST: Final = 31
_BITS: Final = 53


def uniforms(seed: int, count: int) -> NDArray[np.float64]:
    """Numbers above 0 and at most 1."""
    with np.errstate(over="ignore"):
        state = np.uint64(seed % 2**64) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
        for shift, factor in _MIXES:
            state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
        state ^= state >> np.uint64(_LAST)
    return np.asarray(((state >> np.uint64(64 - _BITS)) + np.uint64(1)) * 2.0**-_BITS, np.float64)


def normals(seed: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Numbers of mean 0 and deviation 1."""
    count = int(np.prod(shape))
    drawn = uniforms(seed, 2 * count)
    radii, turns = np.sqrt(-2 * np.log(drawn[:count])), 2 * np.pi * drawn[count:]
    return (radii * np.cos(turns)).reshape(shape).astype(np.float32)
