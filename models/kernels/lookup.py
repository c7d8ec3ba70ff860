"""A hash table from 64-bit hashes to 64-bit numbers that kernels can read: open addressing, at most half
full."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numba.types import uint64
from numpy.typing import NDArray

from models.kernels.argument_types import read_only, vector
from models.kernels.compiled import kernel, part

_LEAST: Final = 64


class Lookup:
    """`keys` (m,) uint64, 0 = free, and `values` (m,) uint64; m is a power of two. Replaced as a whole when
    it grows."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self.clear()
        for key, value in pairs:
            self.add(key, value)

    @classmethod
    def of(cls, keys: NDArray[np.uint64], values: NDArray[np.uint64]) -> Lookup:
        """Of n different keys and their values, (n,) each, at once."""
        made = cls()
        size = max(_LEAST, 1 << (2 * len(keys)).bit_length())
        made.keys, made.values = np.zeros(size, np.uint64), np.zeros(size, np.uint64)
        made._n = _put_all(made.keys, made.values, np.ascontiguousarray(keys), np.ascontiguousarray(values))
        return made

    def __len__(self) -> int:
        return self._n

    def clear(self) -> None:
        self.keys: NDArray[np.uint64] = np.zeros(_LEAST, np.uint64)
        self.values: NDArray[np.uint64] = np.zeros(_LEAST, np.uint64)
        self._n = 0

    def add(self, key: int, value: int) -> None:
        """Set the value of a key; neither the key 0 nor values of 2**64 and more exist."""
        if 2 * (self._n + 1) > len(self.keys):
            keys, values = self.keys, self.values
            self.keys, self.values = np.zeros(2 * len(keys), np.uint64), np.zeros(2 * len(keys), np.uint64)
            for old in np.flatnonzero(keys).tolist():
                _put(self.keys, self.values, keys[old], values[old])
        self._n += int(_put(self.keys, self.values, np.uint64(key), np.uint64(value)))


@part
def find_place(keys: Any, key: Any) -> Any:
    """Place of `key` among a Lookup's keys, -1 when it is not there."""
    mask = len(keys) - 1
    at = np.int64(key & np.uint64(mask))
    while keys[at] != np.uint64(0):
        if keys[at] == key:
            return at
        at = (at + 1) & mask
    return -1


@kernel(vector(uint64), vector(uint64), read_only(vector(uint64)), read_only(vector(uint64)))
def _put_all(keys: Any, values: Any, more: Any, theirs: Any) -> Any:
    """How many keys are new."""
    new = 0
    for i in range(len(more)):
        new += 1 if _put_one(keys, values, more[i], theirs[i]) else 0
    return new


@kernel(vector(uint64), vector(uint64), uint64, uint64)
def _put(keys: Any, values: Any, key: Any, value: Any) -> Any:
    return _put_one(keys, values, key, value)


@part
def _put_one(keys: Any, values: Any, key: Any, value: Any) -> Any:
    """Whether the key is new."""
    mask = len(keys) - 1
    at = np.int64(key & np.uint64(mask))
    while keys[at] != np.uint64(0) and keys[at] != key:
        at = (at + 1) & mask
    new = keys[at] == np.uint64(0)
    keys[at], values[at] = key, value
    return new
