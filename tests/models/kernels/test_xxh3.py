"""The kernel's hash is xxHash's own."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from numba import njit
from xxhash import xxh3_64_intdigest

from models.kernels.xxh3 import LONGEST_HASHED, xxh3


@njit
def hashed(start: int, stop: int) -> Any:
    return xxh3(start, stop)


def test_every_length_gives_the_number_of_the_library() -> None:
    rng = random.Random(3)
    for n in range(1, LONGEST_HASHED + 1):
        for _ in range(8):
            text = rng.randbytes(n)
            data = np.frombuffer(b"ab" + text + bytes(8), np.uint8)
            assert int(hashed(data.ctypes.data + 2, data.ctypes.data + 2 + n)) == xxh3_64_intdigest(text)
