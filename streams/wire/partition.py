"""Which partition a key belongs to: murmur2 as the Java client and aiokafka compute it, over the part of the
key that names the user.

A creative's key `u:<user>|<campaign>|<slot>` goes where the user goes; any other key goes by its part before
the first `|`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numba.types import bool_, int64, uint8
from numpy.typing import NDArray

from models.kernels.argument_types import read_only, vector
from models.kernels.compiled import kernel, part

_TEXTS: Final = (read_only(vector(uint8)), read_only(vector(int64)))
_SEED: Final = np.uint32(0x9747B28C)
M: Final = np.uint32(0x5BD1E995)
BAR: Final = ord("|")
U: Final = ord("u")
COLON: Final = ord(":")


def partitions(keys: Sequence[bytes], n: int) -> NDArray[np.int32]:
    """Partition of each key among `n`; shape (len(keys),)."""
    out: NDArray[np.int32] = _partitions(
        np.frombuffer(b"".join(keys), np.uint8), np.fromiter(map(len, keys), np.int64, len(keys)), n
    )
    return out


def partition(key: bytes, n: int) -> int:
    """Partition of one key among `n`."""
    return int(partitions((key,), n)[0])


@kernel(*_TEXTS, int64, int64, vector(bool_))
def keep_own(
    data: NDArray[np.uint8], lengths: NDArray[np.int64], n: int, own: int, kept: NDArray[np.bool_]
) -> None:
    """Set `kept` (k,) to False where a key belongs to another partition than `own`. The keys are the last k
    of the texts in `data`."""
    first = lengths.size - kept.size
    start = lengths[:first].sum()
    for i in range(kept.size):
        stop = start + lengths[first + i]
        kept[i] &= _partition(data, start, stop, n) == own
        start = stop


@kernel(*_TEXTS, int64)
def _partitions(data: NDArray[np.uint8], lengths: NDArray[np.int64], n: int) -> Any:
    out = np.empty(lengths.size, np.int32)
    start = 0
    for i in range(lengths.size):
        stop = start + lengths[i]
        out[i] = _partition(data, start, stop, n)
        start = stop
    return out


@part
def _partition(data: NDArray[np.uint8], start: int, stop: int, n: int) -> Any:
    bar = start
    while bar < stop and data[bar] != BAR:
        bar += 1
    begin = start
    if bar < stop and bar - start >= 2 and data[start] == U and data[start + 1] == COLON:
        begin = start + 2
    return np.int32((_murmur2(data, begin, bar) & np.uint32(0x7FFFFFFF)) % np.uint32(n))


@part
def _murmur2(data: NDArray[np.uint8], begin: int, stop: int) -> Any:
    """MurmurHash2 (Appleby), 32 bits, little endian, with Kafka's seed."""
    length = stop - begin
    h = _SEED ^ np.uint32(length)
    i = begin
    while i + 4 <= stop:
        k = (
            np.uint32(data[i])
            | np.uint32(data[i + 1]) << np.uint32(8)
            | np.uint32(data[i + 2]) << np.uint32(16)
        )
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
