"""Which partition a key belongs to: murmur2 as the Java client and aiokafka compute it, over the part of the key that names the user.

A creative's key `u:<user>|<campaign>|<slot>` goes where the user goes; any other key goes by its part before the first `|`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

SEED: Final = np.uint32(0x9747B28C)
M: Final = np.uint32(0x5BD1E995)
BAR: Final = ord("|")
U: Final = ord("u")
COLON: Final = ord(":")


def partitions(keys: Sequence[bytes], n: int) -> NDArray[np.int32]:
    """Partition of each key among `n`; shape (len(keys),)."""
    return partitions_in(np.frombuffer(b"".join(keys), np.uint8), np.cumsum(np.fromiter(map(len, keys), np.int64, len(keys))), n)


def partitions_in(data: NDArray[np.uint8], ends: NDArray[np.int64], n: int) -> NDArray[np.int32]:
    """The same of keys that lie end to end; `ends` (k,) = the place behind each."""
    out: NDArray[np.int32] = _partitions(data, ends, n)
    return out


def partition(key: bytes, n: int) -> int:
    """Partition of one key among `n`."""
    return int(partitions((key,), n)[0])


@njit(cache=True)
def _partitions(data: NDArray[np.uint8], ends: NDArray[np.int64], n: int) -> Any:
    out = np.empty(ends.size, np.int32)
    start = 0
    for i in range(ends.size):
        stop = ends[i]
        bar = start
        while bar < stop and data[bar] != BAR:
            bar += 1
        begin = start
        if bar < stop and bar - start >= 2 and data[start] == U and data[start + 1] == COLON:
            begin = start + 2
        out[i] = np.int32((_murmur2(data, begin, bar) & np.uint32(0x7FFFFFFF)) % np.uint32(n))
        start = stop
    return out


@njit(cache=True)
def _murmur2(data: NDArray[np.uint8], begin: int, stop: int) -> Any:
    """MurmurHash2 (Appleby), 32 bits, little endian, with Kafka's seed."""
    length = stop - begin
    h = SEED ^ np.uint32(length)
    i = begin
    while i + 4 <= stop:
        k = np.uint32(data[i]) | np.uint32(data[i + 1]) << np.uint32(8) | np.uint32(data[i + 2]) << np.uint32(16)
        k = np.uint32(k | np.uint32(data[i + 3]) << np.uint32(24))
        k = np.uint32(k * M)
        k = np.uint32(k ^ (k >> np.uint32(24)))
        h = np.uint32(np.uint32(h * M) ^ np.uint32(k * M))
        i += 4
    left = stop - i
    if left == 3:
        h = np.uint32(h ^ np.uint32(data[i + 2]) << np.uint32(16))
    if left >= 2:
        h = np.uint32(h ^ np.uint32(data[i + 1]) << np.uint32(8))
    if left >= 1:
        h = np.uint32(h ^ np.uint32(data[i]))
        h = np.uint32(h * M)
    h = np.uint32(h ^ (h >> np.uint32(13)))
    h = np.uint32(h * M)
    return np.uint32(h ^ (h >> np.uint32(15)))
