"""The interest code that a text speaks of, by a table of words: hashes alone, at most eight look-ups, and
nothing of the words is kept.

A word is a run of ASCII letters, digits and bytes of other scripts, with ASCII letters in lower case; where
words are written without spaces a run is one word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numba.types import int64, uint8, uint64
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from models.kernels.argument_types import read_only, vector
from models.kernels.compiled import kernel, part
from models.kernels.lookup import find_place
from models.kernels.words import byte, put
from models.kernels.xxh3 import LONGEST_HASHED, xxh3

LOOK_UPS: Final = 8
"""Words of a text that count, the first."""
SHORTEST: Final = 3
"""Bytes of the shortest word that counts."""
LONGEST: Final = 64
CODES_OF_TERM: Final = 4
"""Codes that a word may speak of: a byte for each and one for its weight."""
CODES: Final = 256
_WORD: Final = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
_SPARE: Final = bytes(8)


def term_keys(text: str) -> set[int]:
    """Hashes of the words of a text, as the kernel makes them."""
    words = (word.lower() for word in _WORD.findall(text.encode()))
    return {xxh3_64_intdigest(word) or 1 for word in words if SHORTEST <= len(word) <= LONGEST}


def codes_of_texts(
    texts: Sequence[str], keys: NDArray[np.uint64], values: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Code of each text by a Lookup's arrays, -1 for one that speaks of none; (n,)."""
    encoded = [text.encode() for text in texts]
    data = np.frombuffer(b"".join([*encoded, _SPARE]), np.uint8)
    lengths, codes = np.array([len(each) for each in encoded], np.int64), np.empty(len(texts), np.int64)
    find_codes(data, lengths, keys, values, codes)
    return codes


@kernel(read_only(vector(uint8)), vector(int64), vector(uint64), vector(uint64), vector(int64))
def find_codes(data: Any, lengths: Any, keys: Any, values: Any, codes: Any) -> None:
    """`codes` (n,) of n texts that stand end to end in `data`."""
    scratch = np.zeros(LONGEST_HASHED + 8, np.uint8)
    sums = np.zeros(CODES, np.int64)
    begin = np.intp(data.ctypes.data)
    for i in range(len(lengths)):
        codes[i] = term_code(begin, begin + lengths[i], keys, values, sums, np.intp(scratch.ctypes.data))
        begin += lengths[i]


@part
def term_code(begin: Any, stop: Any, keys: Any, values: Any, sums: Any, scratch: Any) -> Any:
    """Code with the largest summed weight of the first words between two addresses, the lowest of equals; -1
    none. `sums` (CODES,) is all zero before and after; `scratch`: address of room for a word."""
    tried = n = 0
    best = -1
    at = begin
    while at <= stop and tried < LOOK_UPS:
        letter = _lowered(byte(at)) if at < stop else np.uint8(0)
        if letter != np.uint8(0):
            if n < LONGEST:
                put(scratch + n, letter)
            n += 1
        elif n > 0:
            if SHORTEST <= n <= LONGEST:
                tried += 1
                best = _added(xxh3(scratch, scratch + n), keys, values, sums, best)
            n = 0
        at += 1
    for code in range(CODES if best >= 0 else 0):
        sums[code] = 0
    return best


@part
def _added(hashed: Any, keys: Any, values: Any, sums: Any, best: Any) -> Any:
    """Adds what one word says; the code that leads now."""
    place = find_place(keys, max(hashed, np.uint64(1)))
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


@part
def _lowered(c: Any) -> Any:
    """A letter of a word in lower case; 0 for what stands between words."""
    if 65 <= c <= 90:
        return np.uint8(c + 32)
    inside = 97 <= c <= 122 or 48 <= c <= 57 or c >= 128
    return np.uint8(c) if inside else np.uint8(0)
