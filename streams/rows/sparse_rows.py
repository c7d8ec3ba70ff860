"""Stored form of fixed-size rows: most words of most rows are zero, and zeros need not travel through log and
disk.

Layout: models.row.HEADER as it is; the row's size, u2; one bit per 8-byte word behind the header, low bits
first; the words that are not zero. All little-endian; the last word of a row whose size is no multiple of 8
is filled up with zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numba.types import bool_, int32, int64, uint8, uint64
from numpy.typing import NDArray

from models.arrays import over
from models.kernels.argument_types import matrix, read_only, vector
from models.kernels.compiled import kernel, part
from models.row import HEADER

PACKED: Final = 256
"""Rows packed at a time, so that they are still in the processor's cache when they become bytes."""

AnyRows = NDArray[Any]
Words = NDArray[np.uint64]
Places = NDArray[np.int32]

_WORD: Final = 8
_HEAD: Final = HEADER.itemsize // _WORD
"""Words of the header."""
MAP: Final = HEADER.itemsize + 2
"""Where the bits begin."""
_ABSENT: Final = -1
"""Length of a stored form that there is not."""
_ONES: Final = np.array([each.bit_count() for each in range(256)], np.uint8)
assert HEADER.itemsize == _HEAD * _WORD


def packed_rows(rows: AnyRows) -> list[bytes]:
    """The stored form of each row; rows of any dtype that begins with HEADER, shape (n,)."""
    return packed_words(
        row_words_of(rows), np.arange(len(rows), dtype=np.int32), packed_sizes(rows), rows.itemsize
    )


def packed_sizes(rows: AnyRows) -> NDArray[np.int64]:
    """Bytes of each row's stored form, shape (n,)."""
    return _sizes(row_words_of(rows))


def packed_words(words: Words, places: Places, sizes: NDArray[np.int64], size: int) -> list[bytes]:
    """The stored form of the rows of `size` bytes at these places of `words`; `sizes` are those of their
    stored forms."""
    values: list[bytes] = []
    for start in range(0, len(places), PACKED):
        ends = np.cumsum(sizes[start : start + PACKED])
        blob = np.empty(int(ends[-1]) + _WORD, np.uint8)
        _pack(words, places[start : start + PACKED], size, ends, blob)
        data, bounds = blob.tobytes(), [0, *ends.tolist()]
        values += [data[first:end] for first, end in pairwise(bounds)]
    return values


def unpack_into(values: Sequence[bytes | None], size: int, words: Words, places: Places) -> int:
    """Replace the rows at these places by those of stored forms, None by zeros. Index of the first that is no
    row of `size` bytes, -1 none."""
    lengths = np.array([_ABSENT if value is None else len(value) for value in values], np.int64)
    data = b"".join([*filter(None, values), bytes(_WORD)])
    return int(_unpack(np.frombuffer(data, np.uint8), lengths, size, words, places))


def most_sparse_bytes(size: int) -> int:
    """What a row of `size` bytes occupies when none of its words is zero."""
    words = -(-size // _WORD)
    return MAP + -(-(words - _HEAD) // 8) + (words - _HEAD) * _WORD


def row_size(value: bytes) -> int:
    """Size of the row that a stored form holds. Raises ValueError."""
    if len(value) < MAP or (size := int.from_bytes(value[HEADER.itemsize : MAP], "little")) < HEADER.itemsize:
        raise ValueError(f"{len(value)} bytes are no stored row")
    return size


def unpacked(values: Sequence[bytes], size: int) -> AnyRows:
    """The rows of stored forms, shape (n,), dtype V<size>; writable. Raises ValueError where one is not of
    this size or damaged."""
    words = np.empty((len(values), row_words(size)), np.uint64)
    bad = unpack_into(values, size, words, np.arange(len(values), dtype=np.int32))
    if bad >= 0:
        raise ValueError(f"{len(values[bad])} bytes are no stored row of {size} bytes")
    return rows_of(words, np.dtype(f"V{size}"))


def unpacked_bytes(value: bytes) -> bytes:
    """The row of one stored form, for readers of single rows. Raises ValueError."""
    return unpacked([value], row_size(value)).tobytes()


def row_words(size: int) -> int:
    """Words of a row of `size` bytes."""
    return -(-size // _WORD)


def row_words_of(rows: AnyRows) -> Words:
    """Whole rows as words, shape (n, words); the rows themselves where they consist of words."""
    size, count, rows = rows.itemsize, len(rows), np.ascontiguousarray(rows)
    if size % _WORD == 0:
        return over((count, size // _WORD), np.uint64, rows)
    words = np.zeros((count, row_words(size)), np.uint64)
    words.view(np.uint8)[:, :size] = over((count, size), np.uint8, rows)
    return words


def rows_of(words: Words, dtype: np.dtype[np.void]) -> AnyRows:
    """Words as whole rows, shape (n,)."""
    if words.shape[1] * _WORD == dtype.itemsize:
        return over(len(words), dtype, np.ascontiguousarray(words))
    return over(len(words), dtype, np.ascontiguousarray(words.view(np.uint8)[:, : dtype.itemsize]))


@kernel(
    read_only(matrix(uint64)), vector(bool_), matrix(uint64), vector(int32), vector(int64), vector(int64),
    vector(uint8), int64,
)  # fmt: skip
def replace(
    words: Words,
    changed: NDArray[np.bool_],
    to: Words,
    places: Places,
    key_bytes: NDArray[np.int64],
    sizes: NDArray[np.int64],
    dirty: NDArray[np.uint8],
    bit: int,
) -> tuple[int, int]:
    """Copy the rows that changed to their places of `to`; note there the bytes of the stored form in `sizes`
    and `bit` in `dirty`.

    Returns by how many bytes keys and stored forms that have the bit grew, and at how many places there was
    none.
    """
    width, bytes_more, places_more = np.uintp(words.shape[1]), 0, 0
    for i in range(len(places)):
        if not changed[i]:
            continue
        row, place = np.uintp(i), np.uintp(places[i])
        size, bits = _stored_bytes(words, row), dirty[place]
        for w in range(width):
            to[place, w] = words[row, w]
        bytes_more += size - sizes[place] if bits & bit else size + key_bytes[place]
        places_more += bits == 0
        sizes[place], dirty[place] = size, bits | bit
    return bytes_more, places_more


@kernel(read_only(matrix(uint64)))
def _sizes(words: Words) -> NDArray[np.int64]:
    return np.array([_stored_bytes(words, np.uintp(i)) for i in range(len(words))], np.int64)


@part
def _stored_bytes(words: Words, row: np.uintp) -> int:
    head, width = (
        np.uintp(_HEAD),
        np.uintp(words.shape[1]),
    )  # an index that cannot be negative lets the compiler use vectors
    some = np.int64(0)
    for w in range(head, width):
        some += np.int64(words[row, w] != 0)
    return MAP + (words.shape[1] - _HEAD + 7) // 8 + some * _WORD


@kernel(read_only(matrix(uint64)), vector(int32), int64, vector(int64), vector(uint8))
def _pack(words: Words, places: Places, size: int, ends: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    """Eight words at a time, of which most often all are zero. Else without branches: a word that is zero is
    overwritten by what comes next, so `out` has room for one word more."""
    width = words.shape[1]
    at = 0
    for i in range(len(places)):
        place = np.uintp(places[i])
        for w in range(_HEAD):
            _put(out, at + w * _WORD, words[place, np.uintp(w)])
        out[at + MAP - 2], out[at + MAP - 1] = size & 255, size >> 8
        bits = at + MAP
        to = bits + (width - _HEAD + 7) // 8
        for first in range(_HEAD, width, 8):
            some, last, any_of = 0, min(first + 8, width), np.uint64(0)
            for w in range(first, last):
                any_of |= words[place, np.uintp(w)]
            if any_of:
                for w in range(first, last):
                    word = words[place, np.uintp(w)]
                    _put(out, to, word)
                    to += _WORD * (word != 0)
                    some |= (word != 0) << (w - first)
            out[bits] = some
            bits += 1
        at = ends[i]


@kernel(read_only(vector(uint8)), vector(int64), int64, matrix(uint64), vector(int32))
def _unpack(
    data: NDArray[np.uint8], lengths: NDArray[np.int64], size: int, words: Words, places: Places
) -> int:
    """Eight words at a time, of which most often all are zero. Else without branches: where a word is zero
    the next one is read in vain, so `data` has one word more."""
    width = words.shape[1]
    start = 0
    for i in range(len(places)):
        place = np.uintp(places[i])
        if lengths[i] == _ABSENT:
            for w in range(np.uintp(width)):
                words[place, w] = np.uint64(0)
            continue
        end = start + lengths[i]
        bits = start + MAP
        source = bits + (width - _HEAD + 7) // 8
        if (
            end < source
            or data[bits - 2] + (int(data[bits - 1]) << 8) != size
            or end - source != _WORD * _ones(data[bits:source])
        ):
            return i
        for w in range(_HEAD):
            words[place, np.uintp(w)] = _word(data, start + w * _WORD)
        for first in range(_HEAD, width, 8):
            some, last = data[bits], min(first + 8, width)
            bits += 1
            if some == 0:
                for w in range(first, last):
                    words[place, np.uintp(w)] = np.uint64(0)
                continue
            for w in range(first, last):
                bit = np.uint64(some >> (w - first) & 1)
                words[place, np.uintp(w)] = _word(data, source) * bit
                source += _WORD * int(bit)
        if source != end:
            return i
        start = end
    return -1


@part
def _ones(data: NDArray[np.uint8]) -> int:
    count = 0
    for each in data:
        count += _ONES[each]
    return count


@part
def _put(out: NDArray[np.uint8], at: int, word: np.uint64) -> None:
    first = np.uintp(at)  # an index that cannot be negative lets the compiler make one store of eight
    for k in range(_WORD):
        out[first + np.uintp(k)] = np.uint8(word >> np.uint64(8 * k))


@part
def _word(data: NDArray[np.uint8], at: int) -> np.uint64:
    first, word = np.uintp(at), np.uint64(0)
    for k in range(_WORD):
        word |= np.uint64(data[first + np.uintp(k)]) << np.uint64(8 * k)
    return word
