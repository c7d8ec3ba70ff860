"""Reading JSON inside kernels: each function takes an address and that of the end, and returns the one behind
what it read, or GIVE_UP.

Only plain values are read: printable ASCII without escapes, integers of at most 18 digits. Other legal JSON
is left to a decoder.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.kernels.compiled import part
from models.kernels.words import byte, word

GIVE_UP: Final = -1
_QUOTE, _BACKSLASH, _MINUS, _DOT, _COMMA, _COLON = (ord(c) for c in '"\\-.,:')
_ZERO, _NINE, _OPEN, _CLOSE = (ord(c) for c in "09[]")
_NULL, _TRUE, _FALSE = (int.from_bytes(letters, "little") for letters in (b"null", b"true", b"fals"))
_N, _T, _F, _E = (ord(c) for c in "ntfe")
DIGITS: Final = 18


@part
def blank(p: int, end: int) -> Any:
    """Past spaces, tabs and line ends."""
    while p < end and (byte(p) == 32 or byte(p) == 10 or byte(p) == 13 or byte(p) == 9):
        p += 1
    return p


@part
def text(p: int, end: int) -> Any:
    """A string: (begin, end of its characters, place behind the closing quote)."""
    if p >= end or byte(p) != _QUOTE:
        return 0, 0, GIVE_UP
    begin = p + 1
    for q in range(begin, end):
        c = byte(q)
        if c == _QUOTE:
            return begin, q, q + 1
        if c < 32 or c > 126 or c == _BACKSLASH:
            return 0, 0, GIVE_UP
    return 0, 0, GIVE_UP


@part
def integer(p: int, end: int) -> Any:
    """An integer: (value, place behind it). A fraction or exponent behind it is not looked at."""
    negative = p < end and byte(p) == _MINUS
    first = p + 1 if negative else p
    q, value = first, np.int64(0)
    while q < end and _ZERO <= byte(q) <= _NINE:
        value = value * 10 + np.int64(byte(q) - _ZERO)
        q += 1
        if q - first > DIGITS:
            return 0, GIVE_UP
    if q == first or (byte(first) == _ZERO and q > first + 1):
        return 0, GIVE_UP
    return (-value if negative else value), q


@part
def thousandths(p: int, end: int) -> Any:
    """A decimal number of at most three decimal places, times 1,000: (value, place behind it)."""
    whole, q = integer(p, end)
    if q == GIVE_UP or q - p > 10:
        return 0, GIVE_UP
    whole *= 1000
    if q >= end or byte(q) != _DOT:
        return whole, q
    first, unit = q + 1, 100
    q = first
    while q < end and _ZERO <= byte(q) <= _NINE:
        if unit == 0:
            return 0, GIVE_UP
        whole += unit * np.int64(byte(q) - _ZERO)
        unit //= 10
        q += 1
    return (whole, q) if q > first and byte(p) != _MINUS else (0, GIVE_UP)


@part
def null(p: int, end: int) -> Any:
    """The word null."""
    return p + 4 if end - p >= 4 and packed_text(p, p + 4) == _NULL else GIVE_UP


@part
def boolean(p: int, end: int) -> Any:
    """true or false: (value, place behind it)."""
    letters = packed_text(p, min(p + 4, end))
    if letters == _TRUE:
        return True, p + 4
    return False, p + 5 if letters == _FALSE and p + 4 < end and byte(p + 4) == _E else GIVE_UP


@part
def scalar(p: int, end: int) -> Any:
    """A value of a field that nobody asked for: a string, an integer, a decimal number, null, true or
    false."""
    if p >= end:
        return GIVE_UP
    c = byte(p)
    if c == _QUOTE:
        return text(p, end)[2]
    if c == _N:
        return null(p, end)
    if c in (_T, _F):
        return boolean(p, end)[1]
    q = integer(p, end)[1]
    if q != GIVE_UP and q < end and byte(q) == _DOT:
        first = q + 1
        q = first
        while q < end and _ZERO <= byte(q) <= _NINE:
            q += 1
        return q if q > first else GIVE_UP
    return q


@part
def key(p: int, end: int) -> Any:
    """A field's name and the colon behind it: (first 8 bytes, next 8 bytes of the name, place of the
    value)."""
    begin, stop, q = text(p, end)
    q = GIVE_UP if q == GIVE_UP else blank(q, end)
    if q == GIVE_UP or q >= end or byte(q) != _COLON:
        return np.uint64(0), np.uint64(0), GIVE_UP
    low = high = np.uint64(0)
    if stop - begin <= 16:  # a longer name is none of ours
        low, high = packed_text(begin, min(stop, begin + 8)), packed_text(begin + 8, stop)
    return low, high, blank(q + 1, end)


@part
def packed_text(begin: int, stop: int) -> Any:
    """At most 8 bytes as a little-endian number; 0 when there are none."""
    n = stop - begin
    if n <= 0:
        return np.uint64(0)
    return word(begin) & (np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(64 - 8 * n))


@part
def follows(p: int, end: int, close: int) -> Any:
    """Behind a member of an object or list: (another one follows, its place or the place behind the closing
    `close`)."""
    p = blank(p, end)
    if p < end and byte(p) == _COMMA:
        return True, blank(p + 1, end)
    if p < end and byte(p) == close:
        return False, p + 1
    return False, GIVE_UP


@part
def texts(p: int, end: int, most: int, longest: int) -> Any:
    """A list of at most `most` strings of at most `longest` characters."""
    if p >= end or byte(p) != _OPEN:
        return GIVE_UP
    p = blank(p + 1, end)
    if p < end and byte(p) == _CLOSE:
        return p + 1
    for _ in range(most):
        begin, stop, q = text(p, end)
        if q == GIVE_UP or stop - begin > longest:
            return GIVE_UP
        more, p = follows(q, end, _CLOSE)
        if not more:
            return p
    return GIVE_UP


def packed_name(name: str) -> tuple[int, int]:
    """What `key` returns for a name of at most 16 bytes."""
    raw = name.encode().ljust(16, b"\0")
    return int.from_bytes(raw[:8], "little"), int.from_bytes(raw[8:], "little")
