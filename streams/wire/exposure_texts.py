"""The JSON of many exposures at once: each begins with its id, user and time, and goes on with members that
thousands have in common."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba.types import int64, uint8, uint64
from numpy.typing import NDArray

from models.kernels.argument_types import matrix, read_only, vector
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part
from models.kernels.xxh3 import LONGEST_HASHED, xxh3
from streams.wire.ids import HEX_DIGITS, exposure_id
from streams.wire.texts import Texts

NOTHING: Final = 0
"""Number of the empty text in a `Pieces`."""
_SEPARATOR: Final = 0x1F
_LONGEST_KEY: Final = LONGEST_HASHED - 1 - HEX_DIGITS
_DIGITS: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_PREFIX: Final = np.frombuffer(b"ex_", np.uint8)
_OPENS, _USER, _TIME = (
    np.frombuffer(text, np.uint8) for text in (b'{"exposure_id":"', b'","user":"', b'","ts":')
)
_COMMA, _ENDS = ord(","), ord("}")
_ID_BYTES: Final = len(_PREFIX) + HEX_DIGITS
_OTHER_BYTES: Final = len(_OPENS) + _ID_BYTES + len(_USER) + len(_TIME) + 20 + 2
"""What a text has beside its key and its pieces, at most."""
_TEXT: Final = read_only(vector(uint8))
_NUMBERS: Final = read_only(vector(int64))


class Pieces:
    """Texts by number, each once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": NOTHING}

    def number(self, text: str) -> int:
        """Of a text, which is kept."""
        return self._numbers.setdefault(text, len(self._numbers))

    def texts(self) -> Texts:
        """All of them, in the order of their numbers."""
        return Texts.of([text.encode() for text in self._numbers])


def exposure_texts(
    keys: Texts,
    imps: NDArray[np.uint64],
    ts_ms: NDArray[np.int64],
    pieces: Pieces,
    members: NDArray[np.int64],
) -> tuple[NDArray[np.uint8], Texts]:
    """Ids, shape (n, bytes), and JSON, of n exposures. `members` (n, k): the pieces that follow the time, in
    order; the first stands behind a comma, the others begin with theirs."""
    n, said = len(keys), pieces.texts()
    numbers = np.empty(n, np.uint64)
    _number(keys.data, keys.lengths, imps, numbers)
    for i in np.flatnonzero(keys.lengths > _LONGEST_KEY).tolist():
        (key,) = keys.part(i, i + 1)
        numbers[i] = int(exposure_id(key or b"", int(imps[i]))[len(_PREFIX) :], 16)
    room = int(said.lengths[members].sum() + keys.lengths.sum()) + n * _OTHER_BYTES
    out, lengths, ids = np.empty(room, np.uint8), np.empty(n, np.int64), np.empty((n, _ID_BYTES), np.uint8)
    ends = said.lengths.cumsum()
    end = _write(keys.data, keys.lengths, numbers, ts_ms, said.data, ends, members, out, lengths, ids)
    return ids, Texts(out[:end], lengths)


@kernel(_TEXT, _NUMBERS, vector(uint64), vector(uint64))
def _number(
    keys: NDArray[np.uint8], lengths: NDArray[np.int64], imps: NDArray[np.uint64], out: NDArray[np.uint64]
) -> None:
    """The numbers in exposure ids (streams.wire.ids.exposure_id), but of keys that are too long."""
    scratch = np.zeros(LONGEST_HASHED + 8, np.uint8)
    start: Any = 0
    for i in range(len(lengths)):
        n = lengths[i]
        if n <= _LONGEST_KEY:
            for k in range(n):
                scratch[k] = keys[start + k]
            scratch[n] = _SEPARATOR
            end = _put_hex(scratch, n + 1, imps[i])
            address = np.intp(scratch.ctypes.data)
            out[i] = xxh3(address, address + end)
        start += n


@kernel(
    _TEXT,
    _NUMBERS,
    vector(uint64),
    vector(int64),
    _TEXT,
    _NUMBERS,
    matrix(int64),
    vector(uint8),
    vector(int64),
    matrix(uint8),
)
def _write(
    keys: Any,
    lengths: Any,
    numbers: Any,
    ts_ms: Any,
    said: Any,
    ends: Any,
    members: Any,
    out: Any,
    written: Any,
    ids: Any,
) -> Any:
    """The texts into `out`, how long each is, and their ids; where the last one stops."""
    keys, said, ends, members, out, ids = (
        borrowed(keys),
        borrowed(said),
        borrowed(ends),
        borrowed(members),
        borrowed(out),
        borrowed(ids),
    )
    start: Any = 0
    at: Any = 0
    for i in range(len(lengths)):
        began, id = at, ids[i]
        _put_hex(id, _put(id, 0, _PREFIX, 0, len(_PREFIX)), numbers[i])
        at = _put(out, at, _OPENS, 0, len(_OPENS))
        at = _put(out, at, id, 0, len(id))
        at = _put(out, at, _USER, 0, len(_USER))
        at = _put(out, at, keys, start, lengths[i])
        at = _put(out, at, _TIME, 0, len(_TIME))
        at = _put_decimal(out, at, ts_ms[i])
        out[at] = _COMMA
        at += 1
        for k in range(members.shape[1]):
            number = members[i, k]
            if number != NOTHING:
                first = ends[number - 1]
                at = _put(out, at, said, first, ends[number] - first)
        out[at] = _ENDS
        at += 1
        written[i] = at - began
        start += lengths[i]
    return at


@part
def _put(out: Any, at: int, text: Any, start: int, length: int) -> int:
    to, source = np.uintp(at), np.uintp(start)
    for k in range(np.uintp(length)):
        out[to + k] = text[source + k]
    return at + length


@part
def _put_hex(out: Any, at: int, number: Any) -> int:
    for k in range(HEX_DIGITS):
        out[at + k] = _DIGITS[(number >> np.uint64(60 - 4 * k)) & np.uint64(15)]
    return at + HEX_DIGITS


@part
def _put_decimal(out: Any, at: int, number: int) -> int:
    """A number that is not negative."""
    digits, rest = 1, number
    while rest > 9:
        rest //= 10
        digits += 1
    for k in range(digits - 1, -1, -1):
        out[at + k] = 48 + number % 10
        number //= 10
    return at + digits
