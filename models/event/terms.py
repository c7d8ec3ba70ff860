"""The interest code that texts speak of, by a table of words: hashes alone, at most eight look-ups, and
nothing of the words is kept.

A word is a run of letters, digits and bytes of other scripts (models/event/folding.py), as its stem
(models/event/stems.py). A name, of a category, is also looked up whole, and its numbers alone say nothing.
Only where no word is known, the ends of long ones are tried, longest first: the last part of a compound says
what it is (Wanderrucksack). The table holds the ends of its own compounds for those who ask for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numba.types import bool_, int64, uint8, uint64
from numpy.typing import NDArray

from models.event.folding import folded_words
from models.event.stems import LONGEST, holds, lowered, stem, word_at
from models.kernels.argument_types import read_only, vector
from models.kernels.compiled import kernel, part
from models.kernels.lookup import find_place
from models.kernels.words import byte, put
from models.kernels.xxh3 import LONGEST_HASHED, xxh3

LOOK_UPS: Final = 8
"""Of one event."""
SHORTEST: Final = 3
"""Bytes of the shortest word that counts."""
SHORTEST_END, LONGEST_END = 4, 10
"""Letters of the end of a compound."""
SHORTEST_START: Final = 3
"""Letters before it."""
CODES_OF_TERM: Final = 4
"""Codes that a word may speak of: a byte for each and one for its weight."""
CODES: Final = 256
SCRATCH: Final = LONGEST_HASHED + 8
"""Bytes of room that reading a word takes."""
_SPARE: Final = bytes(8)
_NAME: Final = 1  # before the letters of a whole name, which is no byte of a word
_ZERO, _NINE, _LETTER_A, _LETTER_Z = (ord(c) for c in "09az")


class SaidPiece(NamedTuple):
    """Something said: a text, or the name of a category."""

    text: str
    named: bool = False


class Keys(NamedTuple):
    """Of k words: the hashes that a table has them under, the place of the piece each is from, and which are
    but the end of a word; (k,)."""

    key: NDArray[np.uint64]
    piece: NDArray[np.int64]
    ends: NDArray[np.bool_]


def term_keys(text: str) -> set[int]:
    """Hashes of the words of a text and of the ends of compounds in it."""
    return set(keys_of([SaidPiece(text)]).key.tolist())


def keys_of(pieces: Sequence[SaidPiece]) -> Keys:
    """All that a table knows of the pieces."""
    data, lengths, named = _end_to_end(pieces)
    keys, piece, ends = (
        np.empty(len(data), np.uint64),
        np.empty(len(data), np.int64),
        np.empty(len(data), np.bool_),
    )
    n = find_keys(data, lengths, named, keys, piece, ends)
    return Keys(keys[:n], piece[:n], ends[:n])


def term_codes_of(
    said: Sequence[Sequence[SaidPiece]], keys: NDArray[np.uint64], values: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Code that each of n events speaks of by a Lookup's arrays, -1 for one that speaks of none; (n,)."""
    data, lengths, named = _end_to_end([piece for pieces in said for piece in pieces])
    counts, codes = np.array([len(pieces) for pieces in said], np.int64), np.empty(len(said), np.int64)
    find_codes(data, lengths, named, counts, keys, values, codes)
    return codes


def _end_to_end(
    pieces: Sequence[SaidPiece],
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:
    encoded = [folded_words(piece.text).encode() for piece in pieces]
    data = np.frombuffer(b"".join([*encoded, _SPARE]), np.uint8)
    lengths = np.array([len(each) for each in encoded], np.int64)
    return data, lengths, np.array([piece.named for piece in pieces], np.bool_)


_PIECES: Final = (read_only(vector(uint8)), vector(int64), vector(bool_))


@kernel(*_PIECES, vector(uint64), vector(int64), vector(bool_))
def find_keys(data: Any, lengths: Any, named: Any, keys: Any, piece: Any, ends: Any) -> Any:
    """Fills the first of `keys`, `piece`, `ends`, which have room for as many as `data` has bytes, from
    pieces that stand end to end; how many."""
    room = np.zeros(SCRATCH, np.uint8)
    scratch, begin = np.intp(room.ctypes.data), np.intp(data.ctypes.data)
    k = 0
    for i in range(len(lengths)):
        stop = begin + lengths[i]
        first = k
        if named[i]:
            hashed = _whole(begin, stop, scratch)
            keys[k], ends[k] = hashed, False
            k += 1 if hashed != np.uint64(0) else 0
        at = begin
        while at < stop:
            at, n = word_at(at, stop, scratch)
            if not _counts(scratch, n, named[i]):
                continue
            for length in range(SHORTEST_END, _longest_end(scratch, n) + 1):
                keys[k], ends[k] = _end(scratch, n, length), True
                k += 1
            keys[k], ends[k] = _hashed(scratch, stem(scratch, n)), False
            k += 1
        piece[first:k] = i
        begin = stop
    return k


@kernel(*_PIECES, vector(int64), vector(uint64), vector(uint64), vector(int64))
def find_codes(data: Any, lengths: Any, named: Any, counts: Any, keys: Any, values: Any, codes: Any) -> None:
    """`codes` (n,) of n events, each of `counts` pieces, all of which stand end to end in `data`."""
    room, sums = np.zeros(SCRATCH, np.uint8), np.zeros(CODES, np.int64)
    scratch, begin = np.intp(room.ctypes.data), np.intp(data.ctypes.data)
    piece = 0
    for i in range(len(counts)):
        tried, best = 0, -1
        after = piece + counts[i]
        for ends in (False, True):
            stop = begin
            for p in range(piece, after):
                start, stop = stop, stop + lengths[p]
                tried, best = hear(start, stop, named[p], ends, keys, values, sums, scratch, tried, best)
            if best >= 0:
                break
        codes[i] = decided(sums, best)
        begin, piece = stop, after


@part
def hear(
    begin: int,
    stop: int,
    named: Any,
    ends: Any,
    keys: Any,
    values: Any,
    sums: Any,
    scratch: int,
    tried: int,
    best: int,
) -> Any:
    """Adds what the piece between two addresses says, by its words or by their `ends`: (look-ups of the event
    so far, the code that leads now, -1 none). `sums` (CODES,): all zero before an event; `scratch`: address
    of SCRATCH bytes."""
    if named and not ends and tried < LOOK_UPS:
        hashed = _whole(begin, stop, scratch)
        if hashed != np.uint64(0):
            tried += 1
            best = _added(hashed, keys, values, sums, best)
    at = begin
    while at < stop and tried < LOOK_UPS:
        at, n = word_at(at, stop, scratch)
        if not _counts(scratch, n, named):
            continue
        if not ends:
            tried += 1
            best = _added(_hashed(scratch, stem(scratch, n)), keys, values, sums, best)
            continue
        for length in range(_longest_end(scratch, n), SHORTEST_END - 1, -1):
            if tried == LOOK_UPS or best >= 0:
                break
            tried += 1
            best = _added(_end(scratch, n, length), keys, values, sums, best)
    return tried, best


@part
def decided(sums: Any, best: int) -> Any:
    """The code of an event, of which all is heard; `sums` is all zero again."""
    for code in range(CODES if best >= 0 else 0):
        sums[code] = 0
    return best


@part
def _counts(word: int, n: int, named: Any) -> Any:
    if not SHORTEST <= n <= LONGEST:
        return False
    return not (named and holds(word, n, _ZERO, _NINE))


@part
def _longest_end(word: int, n: int) -> Any:
    """Letters of the longest end of a word; less than SHORTEST_END where it has none."""
    longest = min(n - SHORTEST_START, LONGEST_END)
    return longest if longest >= SHORTEST_END and holds(word, n, _LETTER_A, _LETTER_Z) else 0


@part
def _end(word: int, n: int, length: int) -> Any:
    """Hash of the last letters of the word of `n` in the scratch, as if they were a word; it stays as it
    is."""
    copy = word + LONGEST
    for i in range(length):
        put(copy + i, byte(word + n - length + i))
    return _hashed(copy, stem(copy, length))


@part
def _whole(begin: int, stop: int, scratch: int) -> Any:
    """Hash of a whole name in lower case; 0 of none, or of one too long to hash here."""
    if begin == stop or stop - begin >= LONGEST_HASHED:
        return np.uint64(0)
    put(scratch, np.uint8(_NAME))
    n = 1
    for at in range(begin, stop):
        letter = lowered(byte(at))
        put(scratch + n, letter if letter != np.uint8(0) else byte(at))
        n += 1
    return _hashed(scratch, n)


@part
def _hashed(word: int, n: int) -> Any:
    return max(xxh3(word, word + n), np.uint64(1))


@part
def _added(hashed: Any, keys: Any, values: Any, sums: Any, best: Any) -> Any:
    """Adds what one word says; the code that leads now, the lowest of equals."""
    place = find_place(keys, hashed)
    if place < 0:
        return best
    said = values[place]
    while said != np.uint64(0):
        code = np.int64(said & np.uint64(255))
        sums[code] += np.int64(said >> np.uint64(8) & np.uint64(255))
        if best < 0 or sums[code] > sums[best] or (sums[code] == sums[best] and code < best):
            best = code
        said >>= np.uint64(16)
    return best
