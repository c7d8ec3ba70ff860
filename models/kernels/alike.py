"""Which of many texts are the same, found from their bytes: an object for each costs more than comparing
most."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba.types import int32, int64, uint8
from numpy.typing import NDArray

from models.kernels.argument_types import read_only, vector
from models.kernels.compiled import kernel, part
from models.kernels.words import byte

Numbers = NDArray[np.int32]

_LEAST_PLACES: Final = 2
"""Places of the table for each text: half of them stay empty."""
_FIRST, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
"""Of the hash FNV-1a."""


def group_alike(
    data: NDArray[np.uint8], begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[Numbers, Numbers]:
    """Groups of the same texts among data[begins[i]:ends[i]], numbered in the order of their first: per text
    its group, shape (n,), and per group the index of its first text. A text that ends before it begins is
    empty."""
    table = np.full(1 << int(_LEAST_PLACES * len(begins)).bit_length(), -1, np.int32)
    groups, firsts = np.empty(len(begins), np.int32), np.empty(len(begins), np.int32)
    return groups, firsts[: _group(data, begins, ends, table, groups, firsts)]


@kernel(
    read_only(vector(uint8)), read_only(vector(int64)), read_only(vector(int64)), vector(int32),
    vector(int32), vector(int32),
)  # fmt: skip
def _group(data: Any, begins: Any, ends: Any, table: Any, groups: Any, firsts: Any) -> int:
    """`table` is -1 everywhere, longer than there are texts, and its length a power of two; the number of
    groups."""
    start, mask, n = np.intp(data.ctypes.data), np.int64(len(table) - 1), 0
    for i in range(len(begins)):
        begin, end = start + begins[i], start + max(ends[i], begins[i])
        at = _hash(begin, end) & mask
        while table[at] >= 0:
            first = firsts[table[at]]
            if _same(begin, end, start + begins[first], start + max(ends[first], begins[first])):
                break
            at = (at + 1) & mask
        if table[at] < 0:
            table[at], firsts[n] = n, i
            n += 1
        groups[i] = table[at]
    return n


@part
def _hash(begin: int, end: int) -> Any:
    number = _FIRST
    for p in range(begin, end):
        number = (number ^ np.uint64(byte(p))) * _PRIME
    return np.int64((number ^ (number >> np.uint64(32))) & np.uint64(0x7FFFFFFF))


@part
def _same(begin: int, end: int, other: int, other_end: int) -> Any:
    n, k = end - begin, 0
    if n != other_end - other:
        return False
    while k < n and byte(begin + k) == byte(other + k):
        k += 1
    return k == n
