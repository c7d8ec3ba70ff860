"""A record batch of Kafka's format 2 whose records carry no headers, read in one pass.

Events come so, and by thousands: an object and a list of headers for each costs more than decoding its JSON.
What is compressed, of an older format or not what its lengths say is left to the client. Format: Apache
Kafka's protocol guide, "Record Batch".
"""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np
from aiokafka.structs import TopicPartition
from numba.types import int64, uint8
from numpy.typing import NDArray

from models.kernels.argument_types import read_only, vector
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part
from streams.wire.record_columns import KEY, KIND, OFFSET, PLACES, TIME, VALUE, RecordColumns

BATCH_HEAD: Final = struct.Struct(">qiibIhiqqqhii")
"""Base offset, length behind itself, leader epoch, format, checksum, attributes, last offset delta, first and
newest time, producer, its epoch, first sequence number, records."""
FORMAT_AT: Final = 16
"""Where a batch says its format."""
FORMAT: Final = 2
CHECKED_FROM: Final = 21
"""A batch's bytes from here on have the checksum that stands before them."""
_COMPRESSED: Final = 7
_STAMPED_BY_BROKER: Final = 8
_LEAST_RECORD_BYTES: Final = 7


def plain_columns(tp: TopicPartition, data: bytes, at: int) -> RecordColumns | None:
    """The records of the batch that begins at `at`; None: the client must read it."""
    if data[at + FORMAT_AT] != FORMAT:
        return None
    base, length, _, _, _, attributes, _, first_ms, newest_ms, *_, n = BATCH_HEAD.unpack_from(data, at)
    stop = at + 12 + length
    if attributes & _COMPRESSED or n * _LEAST_RECORD_BYTES > stop - at:
        return None
    places = _places(np.frombuffer(data, np.uint8), at + BATCH_HEAD.size, stop, n)
    if places.shape[1] < n:
        return None
    places[OFFSET] += base
    if attributes & _STAMPED_BY_BROKER:
        places[TIME], places[KIND] = newest_ms, 1
    else:
        places[TIME] += first_ms
    return RecordColumns(tp.topic, tp.partition, data, places)


@kernel(read_only(vector(uint8)), int64, int64, int64)
def _places(data: NDArray[np.uint8], at: int, stop: int, records: int) -> Any:
    """`RecordColumns.places` of the records between `at` and `stop`, offset and time as differences, the kind
    of time left open. Without a column when a record has headers, or does not end where it says."""
    data = borrowed(data)
    places = np.zeros((PLACES, records), np.int64)
    for i in range(records):
        length, at = _number(data, at, stop)
        end = at + length
        if length < _LEAST_RECORD_BYTES - 1 or end > stop:
            return places[:, :0]
        at += 1  # attributes: none is in use
        places[TIME, i], at = _number(data, at, end)
        places[OFFSET, i], at = _number(data, at, end)
        for first in (KEY, VALUE):
            size, at = _number(data, at, end)
            if size > end - at:
                return places[:, :0]
            places[first, i] = at
            at += max(size, 0)
            places[first + 1, i] = at if size >= 0 else -1
        headers, at = _number(data, at, end)
        if headers != 0 or at != end:
            return places[:, :0]
    return places if at == stop else places[:, :0]


@part
def _number(data: Any, at: int, stop: int) -> Any:
    """A zigzag number of seven bits a byte, low ones first; and where it ends."""
    value, shift = np.uint64(0), np.uint64(0)
    while at < stop and shift < 64:
        byte = np.uint64(data[at])
        at += 1
        value |= (byte & np.uint64(127)) << shift
        shift += np.uint64(7)
        if byte < 128:
            break
    return np.int64(value >> np.uint64(1)) ^ -np.int64(value & np.uint64(1)), at
