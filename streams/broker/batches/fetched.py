"""Fetched records without aiokafka's ConsumerRecord: a frozen dataclass of eleven fields costs more than
decoding its JSON. Batches without headers stay in the bytes they came in.

A header name that is not UTF-8 stops aiokafka at its batch for good; here its bytes are replaced and the
record is delivered. What a transaction wrote that was aborted is left out. Replaces how the fetcher of
aiokafka 0.14 unpacks a partition; tests/streams/broker/test_fetched.py guards what that relies on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final

import msgspec
import numpy as np
from aiokafka import errors
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from models.kernels.crc32c import BY_INSTRUCTION, crc32c
from streams.broker.batches.plain_batch import CHECKED_FROM, FORMAT, FORMAT_AT, plain_columns
from streams.wire.record_columns import CREATE_TIME, Fetched, RecordColumns, offsets_of

OFFSET_AND_LENGTH: Final = struct.Struct(">qi")
"""What each batch begins with: its first offset, and the bytes that follow these two."""


COLUMNS_FROM_BYTES: Final = 4_096
"""A fetch of fewer is read record by record: columns cost as much for one as for some dozens."""
UNSTAMPED: Final[set[TopicPartition]] = set()
"""Partitions of which this process has read such a record: only there need every record be looked at."""


def judged_by_arrival(records: Sequence[Fetched], now_ms: int) -> Sequence[Fetched]:
    """The records, those with the time `now_ms` that carry a producer's instead of the broker's: who sends
    must not set the clock by which events are judged."""
    if isinstance(records, RecordColumns):
        return records.at_time(now_ms)
    return [
        msgspec.structs.replace(each, timestamp=now_ms) if each.timestamp_type == CREATE_TIME else each
        for each in records
    ]


class LenientBytes(bytearray):
    """Text cut out of it never fails to decode: bytes that are not UTF-8 become U+FFFD."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return LenientBytes(found) if isinstance(at, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)


class FetchedBatches(MemoryRecords):
    """The batches of one fetch, with the bytes they came in."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._data, self.few = data, len(data) < COLUMNS_FROM_BYTES
        self._at = self._next = 0  # where the batch that was given last begins, and the one behind it

    def next_batch(self) -> Any:
        batch = super().next_batch()
        self._at = self._next
        self._next += OFFSET_AND_LENGTH.size + OFFSET_AND_LENGTH.unpack_from(self._data, self._at)[1]
        return batch

    def is_whole(self, batch: Any) -> bool:
        """Whether the batch that was given last is what its checksum says."""
        if self.few or not BY_INSTRUCTION or self._data[self._at + FORMAT_AT] != FORMAT:
            return bool(batch.validate_crc())
        with memoryview(self._data) as data:
            return crc32c(data[self._at + CHECKED_FROM : self._next]) == batch.crc

    def plain(self, tp: TopicPartition) -> RecordColumns | None:
        """The records of that batch, if none has headers and the fetch is worth it."""
        return None if self.few else plain_columns(tp, self._data, self._at)

    def lenient(self) -> Any:
        """That batch, from its first record, whatever bytes its header names have."""
        batch = _DefaultRecordBatchPy(self._data[self._at : self._next])
        batch._maybe_uncompress()  # noqa: SLF001 - only the decompressed bytes hold the names
        batch._buffer = LenientBytes(batch._buffer)  # noqa: SLF001
        return batch


class FetchedRecords(PartitionRecords):
    """The records of one partition in one fetch; iterating moves `next_fetch_offset`."""

    next_fetch_offset: int
    _begun = False

    def __iter__(self) -> Iterator[Fetched]:
        records: Iterator[Fetched] = self._records_iterator
        return records

    def rest(self) -> Sequence[Fetched]:
        """All that was not iterated over; as columns, if they are many and none has headers."""
        if self._begun or self._records.few or self._key_deserializer or self._value_deserializer:
            return list(self)
        runs = [self._not_before(run) for run in self._runs()]
        if all(isinstance(run, RecordColumns) for run in runs):
            return _one_behind_the_other(runs)
        return list(chain.from_iterable(runs))

    def _not_before(self, run: Iterable[Fetched]) -> Sequence[Fetched]:
        """From `next_fetch_offset` on: a fetch begins at its batch's first record."""
        first = self.next_fetch_offset
        if isinstance(run, RecordColumns):
            return run[int(np.searchsorted(offsets_of(run), first)) :]
        return [record for record in run if record.offset >= first]

    def _unpack_records(self) -> Iterator[Any]:
        if self._key_deserializer or self._value_deserializer:
            return super()._unpack_records()
        return self._unpack()

    def _unpack(self) -> Iterator[Fetched]:
        self._begun = True
        for run in self._runs():
            for record in run:
                offset = record.offset
                if offset >= self.next_fetch_offset:
                    self.next_fetch_offset = offset + 1
                    yield record

    def _runs(self) -> Iterator[Iterable[Fetched]]:
        """The records of each batch."""
        records = self._records
        while records.has_next():
            batch = records.next_batch()
            if self._check_crcs and not records.is_whole(batch):
                raise errors.CorruptRecordException(f"Invalid CRC - {self._tp}")
            if batch.timestamp_type == CREATE_TIME:
                UNSTAMPED.add(self._tp)
            if not self._leaves_out(batch):
                plain = records.plain(self._tp)
                yield self._one_by_one(batch) if plain is None else plain
            self.next_fetch_offset = batch.next_offset  # compaction may have removed the last record

    def _one_by_one(self, batch: Any) -> Iterator[Fetched]:
        given = 0
        try:
            for record in batch:
                yield self._fetched(record)
                given += 1
        except UnicodeDecodeError:
            yield from map(self._fetched, islice(self._records.lenient(), given, None))

    def _fetched(self, record: Any) -> Fetched:
        return Fetched(
            self._tp.topic,
            self._tp.partition,
            record.offset,
            record.timestamp,
            record.timestamp_type,
            record.key,
            record.value,
            tuple(record.headers) if record.headers else (),
        )

    def _leaves_out(self, batch: Any) -> bool:
        """Markers, and batches of a transaction that was aborted. The answer to the fetch names each of these
        by producer and first offset; the producer's next marker ends it.

        What compaction left of a marker may hold no record: that it is one says enough.
        """
        control: bool = batch.is_control_batch
        if self._isolation_level == READ_COMMITTED and batch.producer_id is not None:
            self._consume_aborted_up_to(batch.base_offset)
            if control:
                self._aborted_producers.discard(batch.producer_id)
        return control or (batch.producer_id in self._aborted_producers and batch.is_transactional)


class FetchedResult(FetchResult):
    """What a fetch brought of one partition, as the consumer hands it out."""

    _partition_records: Any

    def getall(self, max_records: int | None = None) -> Sequence[Fetched]:
        if max_records is not None:
            records: list[Fetched] = super().getall(max_records)
            return records
        if not self.check_assignment(self._topic_partition) or not self.has_more():
            return []
        rest: Sequence[Fetched] = self._partition_records.rest()
        self._update_position()
        self._partition_records = None
        return rest


def _one_behind_the_other(runs: Sequence[Any]) -> Sequence[Fetched]:
    """Columns over the same bytes."""
    if len(runs) < 2:
        return runs[0] if runs else []
    places = np.concatenate([run.places for run in runs], axis=1)
    return RecordColumns(runs[0].topic, runs[0].partition, runs[0].data, places)


def fetch_lean() -> None:
    """From now on the consumers of this process unpack so."""
    fetcher.MemoryRecords = FetchedBatches
    fetcher.PartitionRecords = FetchedRecords
    fetcher.FetchResult = FetchedResult
