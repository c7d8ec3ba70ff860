"""Words as they are compared: read letter by letter, in lower case, without the endings of a plural.

The endings are those of English and German, and what they leave is no word: all that counts is that one thing
and many of it leave the same (tent, tents; battery, batteries; Lampe, Lampen), and other things do not.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.kernels.compiled import part
from models.kernels.words import byte, put

LONGEST: Final = 64
"""Bytes of the longest word."""
LEAST_LEFT: Final = 4
"""Letters that the endings -e and -en leave at least: a cap is no cape."""
_E, _F, _I, _L, _N, _R, _S, _V, _X, _Y, _Z = (ord(c) for c in "efilnrsvxyz")


@part
def word_at(at: int, stop: int, scratch: int) -> Any:
    """The next word from `at` on, in lower case at the address `scratch`, LONGEST bytes of it: (place behind
    it; its bytes, 0 = there is none)."""
    while at < stop and lowered(byte(at)) == np.uint8(0):
        at += 1
    n = 0
    while at < stop:
        letter = lowered(byte(at))
        if letter == np.uint8(0):
            break
        if n < LONGEST:
            put(scratch + n, letter)
        n += 1
        at += 1
    return at, n


@part
def lowered(c: Any) -> Any:
    """A letter of a word in lower case; 0 for what stands between words."""
    if 65 <= c <= 90:
        return np.uint8(c + 32)
    inside = 97 <= c <= 122 or 48 <= c <= 57 or c >= 128
    return np.uint8(c) if inside else np.uint8(0)


@part
def stem(word: int, n: int) -> Any:
    """Bytes that are left of the word of `n` at the address `word`; its last letter may change."""
    if n >= LEAST_LEFT and byte(word + n - 1) == _S and byte(word + n - 2) != _S:
        n -= 1
    if n > LEAST_LEFT and byte(word + n - 1) == _N and byte(word + n - 3) == _E:
        before = byte(word + n - 2)
        if before in (_L, _R):  # Gabeln, Federn
            n -= 1
    if n > 3 and byte(word + n - 1) == _E:
        n = _without(word, n, 1)
    elif n > 4 and byte(word + n - 1) == _N and byte(word + n - 2) == _E:
        n = _without(word, n, 2)
    if n >= LEAST_LEFT:
        last = byte(word + n - 1)
        if last == _Y:  # battery, batterie-s
            put(word + n - 1, np.uint8(_I))
        elif last == _V:  # leaf, leav-es
            put(word + n - 1, np.uint8(_F))
    return n


@part
def _without(word: int, n: int, ending: int) -> Any:
    """An ending goes where enough stays: LEAST_LEFT letters, or three as in box-es, vas-es."""
    left = n - ending
    last = byte(word + left - 1)
    return left if left >= LEAST_LEFT or last in (_S, _X, _Z) else n


@part
def holds(word: int, n: int, least: int, most: int) -> Any:
    """Whether all bytes of a word lie between two."""
    i = 0
    while i < n and least <= byte(word + i) <= most:
        i += 1
    return i == n
