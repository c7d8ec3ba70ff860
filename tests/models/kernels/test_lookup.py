"""The kernels' hash table finds what was added, and nothing else."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from numba import njit

from models.kernels.lookup import Lookup
from models.kernels.lookup import find_place as find_place_inside


@njit
def find_place(keys: Any, key: Any) -> Any:
    return find_place_inside(keys, key)


def test_finds_the_last_value_of_each_key_and_no_other_key() -> None:
    rng = random.Random(5)
    wanted = {rng.randrange(1, 2**64): rng.randrange(2**64) for _ in range(3_000)}
    wanted |= {k << 12 | 7: k for k in range(1, 300)}  # collide in their low bits
    table = Lookup((key, 1) for key in wanted)
    for key, value in wanted.items():
        table.add(key, value)
    assert len(table) == len(wanted)
    for key, value in wanted.items():
        assert int(table.values[find_place(table.keys, np.uint64(key))]) == value
    assert all(find_place(table.keys, np.uint64(rng.randrange(1, 2**64))) == -1 for _ in range(1_000))
    table.clear()
    assert find_place(table.keys, np.uint64(next(iter(wanted)))) == -1
