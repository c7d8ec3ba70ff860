"""Stored form of fixed-size rows: most words of most rows are zero, and zeros need not travel through log and disk.

Layout: models.row.HEADER as it is; the row's size, u2; one bit per 8-byte word behind the header, low bits first; the words that are
not zero. All little-endian; the last word of a row whose size is no multiple of 8 is filled up with zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.row import HEADER

Rows = NDArray[Any]
Words = NDArray[np.uint64]

WORD: Final = 8
HEAD: Final = HEADER.itemsize // WORD
"""Words of the header."""
MAP: Final = HEADER.itemsize + 2
"""Where the bits begin."""
assert HEADER.itemsize == HEAD * WORD


def packed(rows: Rows) -> list[bytes]:
    """The stored form of each row; rows of any dtype that begins with HEADER, shape (n,)."""
    words = _words(rows)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(_sizes(words))])
    blob = np.zeros(int(ends[-1]), np.uint8)
    _pack(words, rows.itemsize, ends, blob)
    data = blob.tobytes()
    return [data[start:end] for start, end in pairwise(ends.tolist())]


def packed_sizes(rows: Rows) -> NDArray[np.int64]:
    """Bytes of each row's stored form, shape (n,)."""
    return _sizes(_words(rows))


def most_bytes(size: int) -> int:
    """What a row of `size` bytes occupies when none of its words is zero."""
    words = -(-size // WORD)
    return MAP + -(-(words - HEAD) // 8) + (words - HEAD) * WORD


def row_size(value: bytes) -> int:
    """Size of the row that a stored form holds. Raises ValueError."""
    if len(value) < MAP or (size := int.from_bytes(value[HEADER.itemsize : MAP], "little")) < HEADER.itemsize:
        raise ValueError(f"{len(value)} bytes are no stored row")
    return size


def unpacked(values: Sequence[bytes], size: int) -> Rows:
    """The rows of stored forms, shape (n,), dtype V<size>; writable. Raises ValueError where one is not of this size or damaged."""
    words = np.zeros((len(values), -(-size // WORD)), np.uint64)
    ends = np.cumsum(np.fromiter(map(len, values), np.int64, len(values)))
    bad = _unpack(np.frombuffer(b"".join(values), np.uint8), ends, size, words)
    if bad >= 0:
        raise ValueError(f"{len(values[bad])} bytes are no stored row of {size} bytes")
    rows = words.view(np.uint8)
    if words.shape[1] * WORD != size:
        rows = np.ascontiguousarray(rows[:, :size])
    return rows.reshape(-1).view(f"V{size}")


def unpacked_bytes(value: bytes) -> bytes:
    """The row of one stored form, for readers of single rows. Raises ValueError."""
    return unpacked([value], row_size(value)).tobytes()


def _words(rows: Rows) -> Words:
    """Whole rows as words, shape (n, words)."""
    size, count = rows.itemsize, len(rows)
    raw = np.ascontiguousarray(rows).view(np.uint8).reshape(count, size)
    if size % WORD:
        raw = np.pad(raw, ((0, 0), (0, -size % WORD)))
    return raw.view(np.uint64)


@njit(cache=True)
def _sizes(words: Words) -> NDArray[np.int64]:
    rows, width = words.shape
    sizes = np.full(rows, MAP + (width - HEAD + 7) // 8, np.int64)
    for i in range(rows):
        some = 0
        for w in range(HEAD, width):
            some += words[i, w] != 0
        sizes[i] += some * WORD
    return sizes


@njit(cache=True)
def _pack(words: Words, size: int, starts: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    rows, width = words.shape
    for i in range(rows):
        at = starts[i]
        for w in range(HEAD):
            for k in range(WORD):
                out[at + w * WORD + k] = np.uint8(words[i, w] >> np.uint64(8 * k))
        out[at + MAP - 2], out[at + MAP - 1] = size & 255, size >> 8
        bits = at + MAP
        to = bits + (width - HEAD + 7) // 8
        for w in range(width - HEAD):
            word = words[i, HEAD + w]
            if word != 0:
                out[bits + (w >> 3)] |= np.uint8(1 << (w & 7))
                for k in range(WORD):
                    out[to + k] = np.uint8(word >> np.uint64(8 * k))
                to += WORD


@njit(cache=True)
def _unpack(data: NDArray[np.uint8], ends: NDArray[np.int64], size: int, words: Words) -> int:
    """Fills `words`, which are zero. Index of the first value that is not a row of this size, -1 none."""
    rows, width = words.shape
    start = 0
    for i in range(rows):
        end = ends[i]
        bits = start + MAP
        source = bits + (width - HEAD + 7) // 8
        if end < source or data[bits - 2] + (int(data[bits - 1]) << 8) != size:
            return i
        for w in range(HEAD):
            words[i, w] = _word(data, start + w * WORD)
        for w in range(width - HEAD):
            if data[bits + (w >> 3)] >> (w & 7) & 1:
                if source + WORD > end:
                    return i
                words[i, HEAD + w] = _word(data, source)
                source += WORD
        if source != end:
            return i
        start = end
    return -1


@njit(cache=True)
def _word(data: NDArray[np.uint8], at: int) -> np.uint64:
    word = np.uint64(0)
    for k in range(WORD):
        word |= np.uint64(data[at + k]) << np.uint64(8 * k)
    return word
