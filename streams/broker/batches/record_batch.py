"""Record batches of Kafka's format 2, written whole from columns: aiokafka's builder takes records one by one
and goes through the headers of each, although those of thousands are the same.

Format: Apache Kafka's protocol guide, "Record Batch".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

import numpy as np
from aiokafka.record.util import calc_crc32c
from numba.types import int64, uint8
from numpy.typing import NDArray

from models.kernels.argument_types import matrix, read_only, vector
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part
from models.kernels.crc32c import BY_INSTRUCTION, crc32c
from streams.broker.batches.plain_batch import BATCH_HEAD, CHECKED_FROM, FORMAT
from streams.wire.texts import Texts

Header = tuple[str, bytes]

_LENGTH_FROM: Final = 12
RECORD_BYTES: Final = 32
"""What a record adds to its key, value and headers, at most: attributes and five numbers."""
_TEXT: Final = read_only(vector(uint8))


@dataclass(frozen=True)
class OutgoingRecords:
    """Records of one partition: keys and values, what `header_section` says of each, and times in Unix ms,
    int64 (n,)."""

    keys: Texts
    values: Texts
    sections: Texts
    times_ms: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)

    def cut(self, most_bytes: int) -> Iterator[OutgoingRecords]:
        """Parts that need at most so many bytes each, of at least one record."""
        ends = sum((each.sizes() for each in self._texts()), np.full(len(self), RECORD_BYTES)).cumsum()
        room, start, before = most_bytes - BATCH_HEAD.size, 0, 0
        while start < len(self):
            stop = max(int(np.searchsorted(ends, before + room, "right")), start + 1)
            yield self if stop - start == len(self) else self._part(start, stop)
            start, before = stop, int(ends[stop - 1])

    def _part(self, start: int, stop: int) -> OutgoingRecords:
        keys, values, sections = (each.part(start, stop) for each in self._texts())
        return OutgoingRecords(keys, values, sections, self.times_ms[start:stop])

    def _texts(self) -> tuple[Texts, Texts, Texts]:
        return self.keys, self.values, self.sections


class RecordBatchBytes:
    """A closed batch of records as `AIOKafkaProducer.send_batch` takes one; stands where its BatchBuilder
    does."""

    def __init__(self, columns: OutgoingRecords) -> None:
        keys, values, sections, times = columns.keys, columns.values, columns.sections, columns.times_ms
        n, texts = len(columns), (keys.data, values.data, sections.data)
        lengths = np.stack([keys.lengths, values.lengths, sections.lengths])
        self._bytes = bytearray(BATCH_HEAD.size + sum(map(len, texts)) + n * RECORD_BYTES)
        out = np.frombuffer(self._bytes, np.uint8)
        end = _write(*texts, lengths, times - times[0], out, BATCH_HEAD.size)
        del out, self._bytes[end:]
        self._n, self._first_ms, self._last_ms = n, int(times[0]), int(times.max())
        self._producer = (-1, -1, -1)

    def record_count(self) -> int:
        return self._n

    def size(self) -> int:
        return len(self._bytes)

    def append(self, **_: Any) -> None:
        """It is closed: nothing is taken."""

    def close(self) -> None:
        """It is."""

    def closed(self) -> bool:
        return True

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self._producer = (producer_id, producer_epoch, base_sequence)

    def _build(self) -> bytearray:
        length, times = len(self._bytes) - _LENGTH_FROM, (self._first_ms, self._last_ms)
        fields = (0, self._n - 1, *times, *self._producer, self._n)
        BATCH_HEAD.pack_into(self._bytes, 0, 0, length, -1, FORMAT, 0, *fields)
        with memoryview(self._bytes) as whole:
            checksum = checksum_of(whole[CHECKED_FROM:])
        BATCH_HEAD.pack_into(self._bytes, 0, 0, length, -1, FORMAT, checksum, *fields)
        return self._bytes


def checksum_of(data: memoryview) -> int:
    """CRC-32C."""
    return crc32c(data) if BY_INSTRUCTION else calc_crc32c(cast(bytes, data))  # any buffer will do


def header_section(headers: Sequence[Header]) -> bytes:
    """What stands behind a record's value: how many headers, and each."""
    return _varint(len(headers)) + b"".join(map(encoded_header, headers))


@lru_cache(maxsize=1_024)
def encoded_header(header: Header) -> bytes:
    """One header as it stands in a record."""
    name, value = header[0].encode(), header[1]
    return _varint(len(name)) + name + _varint(len(value)) + value


def sections_with_id(name: str, ids: NDArray[np.uint8], headers: Sequence[Header]) -> Texts:
    """For each id (n, length) the section of one header `name` with it, before all of `headers`."""
    (n, length), label = ids.shape, name.encode()
    head = _varint(len(headers) + 1) + _varint(len(label)) + label + _varint(length)
    tail = b"".join(map(encoded_header, headers))
    rows = np.empty((n, len(head) + length + len(tail)), np.uint8)
    rows[:, : len(head)] = np.frombuffer(head, np.uint8)
    rows[:, len(head) : len(head) + length] = ids
    rows[:, len(head) + length :] = np.frombuffer(tail, np.uint8)
    return Texts.rows(rows)


@lru_cache(maxsize=256)
def _varint(n: int) -> bytes:
    """A number that is not negative, zigzag: seven bits a byte, low ones first."""
    out, n = bytearray(), n << 1
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


@kernel(_TEXT, _TEXT, _TEXT, matrix(int64), vector(int64), vector(uint8), int64)
def _write(
    keys: Any,
    values: Any,
    sections: Any,
    lengths: Any,
    deltas: NDArray[np.int64],
    out: Any,
    at: int,
) -> int:
    """The records into `out` from index `at` on; the index behind the last. `lengths` (3, n): of keys, values
    and header sections, -1 = null."""
    keys, values, sections, out = borrowed(keys), borrowed(values), borrowed(sections), borrowed(out)
    n = len(deltas)
    from_key, from_value, from_section = 0, 0, 0
    for i in range(n):
        key, value, section = lengths[0, i], lengths[1, i], lengths[2, i]
        kept = max(key, 0) + max(value, 0) + section
        numbers = _digits(deltas[i]) + _digits(i) + _digits(key) + _digits(value)
        at = _put_number(out, at, 1 + numbers + kept)
        out[at] = 0
        at = _put_number(out, at + 1, deltas[i])
        at = _put_number(out, at, i)
        at = _put_text(out, _put_number(out, at, key), keys, from_key, key)
        at = _put_text(out, _put_number(out, at, value), values, from_value, value)
        at = _put_text(out, at, sections, from_section, section)
        from_key, from_value, from_section = (
            from_key + max(key, 0),
            from_value + max(value, 0),
            from_section + section,
        )
    return at


@part
def _digits(number: int) -> int:
    """Bytes of a number."""
    rest, n = np.uint64((number << 1) ^ (number >> 63)), 1
    while rest > np.uint64(127):
        rest >>= np.uint64(7)
        n += 1
    return n


@part
def _put_number(out: NDArray[np.uint8], at: int, number: int) -> int:
    rest = np.uint64((number << 1) ^ (number >> 63))
    while rest > np.uint64(127):
        out[at] = np.uint8(rest & np.uint64(127)) | np.uint8(128)
        rest >>= np.uint64(7)
        at += 1
    out[at] = np.uint8(rest)
    return at + 1


@part
def _put_text(out: NDArray[np.uint8], at: int, data: NDArray[np.uint8], start: int, length: int) -> int:
    to, source = np.uintp(at), np.uintp(start)
    for k in range(np.uintp(max(length, 0))):
        out[to + k] = data[source + k]
    return at + max(length, 0)
