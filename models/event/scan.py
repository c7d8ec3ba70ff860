"""Impressions, clicks and behaviour from JSON straight into EVENT columns: one kernel over a whole batch.

It takes what producers usually send and checks all that the decoder checks. A record with anything else
(escapes, exponents, unknown nested fields, a broken limit, a name never met) is left to the decoder, which
also knows why it is refused.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba.types import bool_, int64, uint8

from models.event.fields import (
    COUNTRY,
    FIRST,
    FLAG,
    HIGH,
    HOW,
    INSIDE,
    INTEGER,
    KEY,
    LEAST,
    LENGTH,
    LOW,
    MILLI,
    MOST,
    MULTIPLIER,
    N_FIELDS,
    NAMES,
    NULLABLE,
    NUMBERED,
    OBJECT,
    REGION,
    REQUIRED,
    SALE,
    SAYING,
    SHORT,
    SLOTS,
    TS,
)
from models.event.fill import FILLED, TABLES_TYPE, Tables, fill_event, has
from models.event.json_values import (
    GIVE_UP,
    blank,
    boolean,
    follows,
    integer,
    key,
    null,
    packed_text,
    scalar,
    text,
    texts,
    thousandths,
)
from models.event.layout import EVENT
from models.event.said import said_code
from models.event.terms import CODES, SCRATCH
from models.kernels.argument_types import read_only, rows, triple, vector
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part
from models.kernels.words import byte, put
from models.kernels.xxh3 import LONGEST_HASHED, xxh3

_BRACE, _END, _N = (ord(c) for c in "{}n")
_HEX: Final = np.full(256, 255, np.uint8)
for _i, _c in enumerate("0123456789abcdef"):
    _HEX[[ord(_c), ord(_c.upper())]] = _i
_HEX_DIGITS: Final = 16
_ASCII, _REFUSED = 127, ord("y")
_CR, _RQ = (int.from_bytes(letters, "little") for letters in (b"cr_", b"rq_"))


@kernel(
    read_only(vector(uint8)), read_only(vector(int64)), triple(int64), rows(EVENT), int64, int64, TABLES_TYPE,
    vector(bool_),
)  # fmt: skip
def scan_events(
    data: Any, lengths: Any, limits: Any, events: Any, source: int, level: int, tables: Tables, read: Any
) -> None:
    """Fill `events` (n,) EVENT, whose offset and append_ts are set, from n JSON values and their n keys;
    `read` (n,) says which.

    `data`: uint8, all values end to end, then all keys; `lengths` (2n,) of each. `limits`: bytes of a value,
    ms by which its `ts` may lie behind and ahead of its append time; what is beyond is not read. What is not
    read may be half filled.
    """
    hashes, numbers = np.zeros(N_FIELDS, np.uint64), np.zeros(N_FIELDS, np.int64)
    scratch, sums = np.zeros(SCRATCH, np.uint8), np.zeros(CODES, np.int64)
    events, tables = borrowed(events), borrowed(tables)
    longest, max_age_ms, max_ahead_ms = limits
    n = len(events)
    value = np.intp(
        data.ctypes.data
    )  # as a signed number: an unsigned one and a signed one would add up to a float
    user = value + lengths[:n].sum()
    for i in range(n):
        end, user_end = value + lengths[i], user + lengths[n + i]
        event = events[i]
        event.source = source
        have = np.uint64(0)
        if lengths[i] <= longest:
            have = _record(value, end, user, user_end, level, hashes, numbers)
        fits = have != np.uint64(0) and -max_ahead_ms <= event.append_ts - numbers[TS] <= max_age_ms
        read[i] = (
            fits
            and _hash_place(have, hashes, numbers, scratch.ctypes.data)
            and fill_event(event, level, have, hashes, numbers, tables) == FILLED
        )
        if read[i] and event.item < 0 and have & SAYING[level] != np.uint64(0):
            event.code = said_code(event.kind, end, have, hashes, numbers, tables, sums, scratch.ctypes.data)
        value, user = end, user_end


@part
def _hash_place(have: Any, hashes: Any, numbers: Any, scratch: int) -> Any:
    """Country and region, which are known by where they stand, become the hash of country-region; False for a
    place too long to hash here."""
    if not has(have, COUNTRY):
        return True
    n = 0
    for f in (COUNTRY, REGION):
        if f == REGION:
            put(scratch + n, np.uint8(45))  # -
            n += 1
        begin, stop = numbers[f], np.int64(hashes[f]) if has(have, f) else numbers[f]
        if n + stop - begin + 1 > LONGEST_HASHED or (f == COUNTRY and stop == begin):
            return False
        for i in range(begin, stop):
            put(scratch + n, byte(i))
            n += 1
    hashes[COUNTRY] = xxh3(scratch, scratch + n)
    return True


@part
def _record(p: int, end: int, user: int, user_end: int, level: int, hashes: Any, numbers: Any) -> Any:
    """Reads one record; the set of fields that have a value, as bits, or 0: left to the decoder."""
    seen = have = np.uint64(0)
    outer = (0, 0)
    depth = 0
    none = np.uint64(0)
    p = blank(p, end)
    if p >= end or byte(p) != _BRACE:
        return none
    p = blank(p + 1, end)
    required = REQUIRED[level]
    while True:
        low, high, p = key(p, end)
        if p == GIVE_UP or p >= end:
            return none
        f = _field(low, high, level)
        if f < 0:
            p = scalar(p, end)
        else:
            bit = np.uint64(1) << np.uint64(f)
            if seen & bit:
                return none
            seen |= bit
            if HOW[f] == OBJECT and byte(p) == _BRACE:
                p = blank(p + 1, end)
                if p < end and byte(p) == _END:
                    p += 1
                else:
                    outer = (level, outer[0])
                    depth, level = depth + 1, INSIDE[f]
                    continue
            elif byte(p) == _N:
                p = null(p, end) if NULLABLE[f] else GIVE_UP
            else:
                have |= bit
                p, hashes[f], numbers[f] = _leaf(p, end, f, user, user_end)
        if p == GIVE_UP:
            return none
        while True:
            more, p = follows(p, end, _END)
            if p == GIVE_UP:
                return none
            if more:
                break
            if depth == 0:
                return have if blank(p, end) == end and seen & required == required else none
            depth -= 1
            level, outer = outer[0], (outer[1], 0)


@part
def _field(low: Any, high: Any, level: int) -> Any:
    """Which field a name is in an object, -1 when it is none of ours."""
    f = SLOTS[level, ((low ^ high) * MULTIPLIER) >> np.uint64(56)]
    return f if f >= 0 and LOW[f] == low and HIGH[f] == high else -1


@part
def _leaf(p: int, end: int, f: int, user: int, user_end: int) -> Any:
    """A value that is no object and not null: (place behind it; hash, packed letters or end of a text;
    number, or begin of a text or list)."""
    how = HOW[f]
    nothing = np.uint64(0)
    if how in (INTEGER, MILLI):
        number, q = integer(p, end) if how == INTEGER else thousandths(p, end)
        return (q if LEAST[f] <= number <= MOST[f] else GIVE_UP), nothing, number
    if how == FLAG:
        flag, q = boolean(p, end)
        return q, nothing, np.int64(flag)
    if how in (NAMES, FIRST):
        return texts(p, end, MOST[f], 256), (_first(p, end) if how == FIRST else nothing), p
    if how > FLAG:
        return GIVE_UP, nothing, 0
    begin, stop, q = text(p, end)
    n = stop - begin
    if q == GIVE_UP or n < LEAST[f] or n > MOST[f]:
        return GIVE_UP, nothing, 0
    if how == KEY:
        return (q if _same(begin, stop, user, user_end) else GIVE_UP), nothing, 0
    if how == LENGTH:
        return q, np.uint64(stop), begin
    if how == SALE:
        sale = _sale(begin, n)
        return (q if sale >= 0 else GIVE_UP), nothing, sale
    if how == SHORT:
        return q, (packed_text(begin, stop) if n <= 8 else np.uint64(1)), 0  # no text packs to 1
    if n == 0 or n > LONGEST_HASHED:
        return GIVE_UP, nothing, 0
    number = _number(begin, stop) if how == NUMBERED else max(xxh3(begin, stop), np.uint64(1))
    return (q if number != nothing else GIVE_UP), number, 0


@part
def _first(p: int, end: int) -> Any:
    """Hash of the first of a list of strings; 0 of none, or of one too long to hash here."""
    begin, stop, q = text(blank(p + 1, end), end)
    if q == GIVE_UP or stop == begin or stop - begin > LONGEST_HASHED:
        return np.uint64(0)
    return max(xxh3(begin, stop), np.uint64(1))


@part
def _sale(begin: int, n: int) -> Any:
    """As models.privacy_strings.gpp.denies reads a US Privacy string: 1 = it denies; -1 = left to it (letters
    of more than a byte)."""
    if n < 3:
        return 0
    if byte(begin) > _ASCII or byte(begin + 1) > _ASCII:
        return -1
    return np.int64(byte(begin + 2) | 32 == _REFUSED)


@part
def _same(begin: int, stop: int, user: int, user_end: int) -> Any:
    """Whether the user in the record is the record's key, which consists of A-Z a-z 0-9 _ -."""
    if stop - begin != user_end - user:
        return False
    for i in range(stop - begin):
        c = byte(user + i)
        if byte(begin + i) != c or not (
            48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or c == 45 or c == 95
        ):
            return False
    return True


@part
def _number(begin: int, stop: int) -> Any:
    """streams.wire.ids.number_of; 0 = left to it (digits that Python's int takes and this does not)."""
    if stop - begin != 3 + _HEX_DIGITS or packed_text(begin, begin + 3) not in (_CR, _RQ):
        return max(xxh3(begin, stop), np.uint64(1))
    value = np.uint64(0)
    for at in range(begin + 3, stop):
        digit = _HEX[byte(at)]
        if digit > 15:
            return np.uint64(0)
        value = value << np.uint64(4) | np.uint64(digit)
    return max(value, np.uint64(1))
