"""Records of one partition as columns over the bytes that they were fetched in: an object for each, with a
copy of its key and its value, costs more than what most of them are read for.

Whoever looks at single records sees a sequence of them. Keys, values and offsets of all are asked for by the
functions at the end, which take records in either form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple, overload

import msgspec
import numpy as np
from numba.types import int64, uint8
from numpy.typing import NDArray

from models.kernels.alike import group_alike
from models.kernels.argument_types import read_only, vector
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel
from streams.wire.view import ConsumedRecord

CREATE_TIME: Final = 0
"""`timestamp_type` of a record whose time its producer set; 1 = the broker's, when it appended the record."""
OFFSET, TIME, KIND, KEY, KEY_END, VALUE, VALUE_END = range(7)
PLACES: Final = 7
"""Rows of `RecordColumns.places`: what is known of a record, and where in the bytes key and value begin and
end; an end of -1 is a null."""
_VALUE_THEN_KEY: Final = slice(VALUE, KIND, KEY - VALUE)
_THEIR_ENDS: Final = slice(VALUE_END, KEY, KEY - VALUE)
SPARE: Final = 8
"""Bytes behind all texts: kernels load so many at a time."""
_BYTES: Final = read_only(vector(uint8))
_NUMBERS: Final = read_only(vector(int64))


class Fetched(msgspec.Struct, gc=False):
    """One record of a partition: a ConsumedRecord, and what else aiokafka's ConsumerRecord has."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]

    @property
    def checksum(self) -> None:
        """Records of today's format carry none."""
        return None

    @property
    def serialized_key_size(self) -> int:
        return -1 if self.key is None else len(self.key)

    @property
    def serialized_value_size(self) -> int:
        return -1 if self.value is None else len(self.value)


class DistinctKeys(NamedTuple):
    """Each key once, in the order of the first record that has it, a null as nothing; and of each record
    which of them is its own, shape (n,)."""

    keys: list[bytes]
    which: NDArray[np.int32]


class Newest(NamedTuple):
    """Offset and append time (Unix ms) of the last record."""

    offset: int
    time_ms: int


class RecordColumns(Sequence[Fetched]):
    """Records without headers, in the order of their offsets; `places` int64 (PLACES, n)."""

    __slots__ = ("_distinct", "data", "partition", "places", "topic")

    def __init__(self, topic: str, partition: int, data: bytes, places: NDArray[np.int64]) -> None:
        self.topic, self.partition, self.data, self.places = topic, partition, data, places
        self._distinct: DistinctKeys | None = None

    def __len__(self) -> int:
        return self.places.shape[1]

    @overload
    def __getitem__(self, at: int) -> Fetched: ...
    @overload
    def __getitem__(self, at: slice) -> RecordColumns: ...
    def __getitem__(self, at: int | slice) -> Fetched | RecordColumns:
        if isinstance(at, slice):
            return RecordColumns(self.topic, self.partition, self.data, self.places[:, at])
        return self._record(*self.places[:, at].tolist())

    def __iter__(self) -> Iterator[Fetched]:
        return map(self._record, *self.places.tolist())

    def _record(
        self, offset: int, time_ms: int, kind: int, key: int, key_end: int, value: int, value_end: int
    ) -> Fetched:
        cut = self.data
        return Fetched(
            self.topic,
            self.partition,
            offset,
            time_ms,
            kind,
            None if key_end < 0 else cut[key:key_end],
            None if value_end < 0 else cut[value:value_end],
            (),
        )

    def texts(self, begins: int, ends: int, of: slice | NDArray[np.int32] = slice(None)) -> list[bytes]:
        """Keys (KEY, KEY_END) or values of some records, a null as nothing."""
        cut = self.data
        places = zip(self.places[begins, of].tolist(), self.places[ends, of].tolist(), strict=True)
        return [cut[a:b] if b >= 0 else b"" for a, b in places]

    def distinct_keys(self) -> DistinctKeys:
        """Looked for once, for whoever asks."""
        if self._distinct is None:
            begins, ends = self.places[KEY], self.places[KEY_END]
            which, firsts = group_alike(np.frombuffer(self.data, np.uint8), begins, ends)
            self._distinct = DistinctKeys(self.texts(KEY, KEY_END, firsts), which)
        return self._distinct

    def lengths(self, begins: int, ends: int) -> NDArray[np.int64]:
        """Of the same; 0 of a null."""
        return np.maximum(self.places[ends] - self.places[begins], 0)

    def joined(self, more: RecordColumns) -> RecordColumns:
        """These records and others that follow them."""
        mine, theirs = self._bytes(), more._bytes()
        shifts = (-mine.start, mine.stop - mine.start - theirs.start)
        places = [each.places.copy() for each in (self, more)]
        for part, shift in zip(places, shifts, strict=True):
            part[KEY:] += np.where(part[KEY:] < 0, 0, shift)
        data = self.data[mine] + more.data[theirs]
        return RecordColumns(self.topic, self.partition, data, np.concatenate(places, axis=1))

    def _bytes(self) -> slice:
        """Where all keys and values stand."""
        if not len(self):
            return slice(0, 0)
        return slice(int(self.places[KEY, 0]), max(self.places[KEY:, -1].tolist()))

    def text_bytes(self) -> int:
        """What all keys and values take at most."""
        texts = self._bytes()
        return texts.stop - texts.start

    def at_time(self, now_ms: int) -> RecordColumns:
        """The records, with the time `now_ms` where it was their producer's."""
        places = self.places.copy()
        places[TIME][places[KIND] == CREATE_TIME] = now_ms
        return RecordColumns(self.topic, self.partition, self.data, places)


Records = Sequence[ConsumedRecord]


def record_keys_of(records: Records) -> list[bytes]:
    """The key of each record, a null as nothing."""
    if isinstance(records, RecordColumns):
        return records.texts(KEY, KEY_END)
    return [record.key or b"" for record in records]


def distinct_keys_of(records: Records) -> DistinctKeys:
    """The keys, each once."""
    if isinstance(records, RecordColumns):
        return records.distinct_keys()
    numbers: dict[bytes, int] = {}
    which = [numbers.setdefault(key, len(numbers)) for key in record_keys_of(records)]
    return DistinctKeys(list(numbers), np.array(which, np.int32))


def values_of(records: Records) -> list[bytes]:
    """The value of each record, a null as nothing."""
    if isinstance(records, RecordColumns):
        return records.texts(VALUE, VALUE_END)
    return [record.value or b"" for record in records]


def offsets_of(records: Records) -> NDArray[np.int64]:
    """The offset of each record."""
    if isinstance(records, RecordColumns):
        return records.places[OFFSET]
    return np.array([record.offset for record in records], np.int64)


def times_of(records: Records) -> NDArray[np.int64]:
    """The append time of each record, Unix ms."""
    if isinstance(records, RecordColumns):
        return records.places[TIME]
    return np.array([record.timestamp for record in records], np.int64)


def newest_of(records: Records) -> Newest:
    """Of one record or more."""
    if isinstance(records, RecordColumns):
        return Newest(*records.places[OFFSET : TIME + 1, -1].tolist())
    return Newest(records[-1].offset, records[-1].timestamp)


def text_bytes_of(records: Records) -> int:
    """What all keys and values take at most."""
    if isinstance(records, RecordColumns):
        return records.text_bytes()
    return sum([len(record.key or b"") + len(record.value or b"") for record in records])


def lengths_of(records: Records) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bytes of each key, and of each value."""
    if isinstance(records, RecordColumns):
        return records.lengths(KEY, KEY_END), records.lengths(VALUE, VALUE_END)
    both = ([len(record.key or b"") for record in records], [len(record.value or b"") for record in records])
    return np.array(both[0], np.int64), np.array(both[1], np.int64)


def joined(first: Records, second: Records) -> Records:
    """Both, one behind the other."""
    if isinstance(first, RecordColumns) and isinstance(second, RecordColumns):
        return first.joined(second)
    return [*first, *second]


def packed(values: Sequence[bytes], keys: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All values end to end, then all keys, then SPARE bytes; and the lengths of values and keys."""
    data = np.frombuffer(b"".join([*values, *keys, bytes(SPARE)]), np.uint8)
    return data, np.fromiter(map(len, chain(values, keys)), np.int64, len(values) + len(keys))


def packed_columns(records: RecordColumns) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The same of columns."""
    places = records.places
    begins = places[_VALUE_THEN_KEY].ravel()
    lengths = np.maximum(places[_THEIR_ENDS].ravel() - begins, 0)
    out = np.empty(int(lengths.sum()) + SPARE, np.uint8)
    _pack(np.frombuffer(records.data, np.uint8), begins, lengths, out)
    return out, lengths


@kernel(_BYTES, _NUMBERS, _NUMBERS, vector(uint8))
def _pack(
    data: NDArray[np.uint8], begins: NDArray[np.int64], lengths: NDArray[np.int64], out: NDArray[np.uint8]
) -> None:
    """The texts end to end, then zeros."""
    data, out = borrowed(data), borrowed(out)
    at: Any = 0
    for i in range(len(begins)):
        first, n = begins[i], lengths[i]
        out[at : at + n] = data[first : first + n]
        at += n
    out[at:] = 0
