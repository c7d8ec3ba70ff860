"""Fetched records without aiokafka's ConsumerRecord: a frozen dataclass of eleven fields costs more than
decoding its JSON.

A header name that is not UTF-8 stops aiokafka at its batch for good; here its bytes are replaced and the
record is delivered. What a transaction wrote that was aborted is left out. Replaces how the fetcher of
aiokafka 0.14 unpacks a partition;
tests/streams/worker/test_contracts.py guards what that relies on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from aiokafka import errors
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

OFFSET_AND_LENGTH: Final = struct.Struct(">qi")
"""What each batch begins with: its first offset, and the bytes that follow these two."""


CREATE_TIME: Final = 0
"""`timestamp_type` of a record whose time its producer set; 1 = the broker's, when it appended the record."""


UNSTAMPED: Final[set[TopicPartition]] = set()
"""Partitions of which this process has read such a record: only there need every record be looked at."""


class Fetched(msgspec.Struct, gc=False):
    """One record of a partition: a ConsumedRecord, and what else aiokafka's ConsumerRecord has."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int | None
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

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


def judged_by_arrival(records: Sequence[Fetched], now_ms: int) -> list[Fetched]:
    """The records, those with the time `now_ms` that carry a producer's instead of the broker's: who sends
    must not set the clock by which events are judged."""
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
        self._data = data

    def lenient(self, base_offset: int) -> Iterator[Any]:
        """The batch that begins at this offset, from its first record, whatever bytes its header names
        have."""
        start = 0
        offset, length = OFFSET_AND_LENGTH.unpack_from(self._data)
        while offset != base_offset:
            start += OFFSET_AND_LENGTH.size + length
            offset, length = OFFSET_AND_LENGTH.unpack_from(self._data, start)
        batch = _DefaultRecordBatchPy(self._data[start : start + OFFSET_AND_LENGTH.size + length])
        batch._maybe_uncompress()  # noqa: SLF001 - only the decompressed bytes hold the names
        batch._buffer = LenientBytes(batch._buffer)  # noqa: SLF001
        return batch


class FetchedRecords(PartitionRecords):
    """The records of one partition in one fetch; iterating moves `next_fetch_offset`."""

    next_fetch_offset: int

    def __iter__(self) -> Iterator[Fetched]:
        records: Iterator[Fetched] = self._records_iterator
        return records

    def _unpack_records(self) -> Iterator[Any]:
        if self._key_deserializer or self._value_deserializer:
            return super()._unpack_records()
        return self._unpack()

    def _unpack(self) -> Iterator[Fetched]:
        records, topic, partition = self._records, self._tp.topic, self._tp.partition
        while records.has_next():
            batch = records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise errors.CorruptRecordException(f"Invalid CRC - {self._tp}")
            source = None if self._leaves_out(batch) else batch
            if batch.timestamp_type == CREATE_TIME:
                UNSTAMPED.add(self._tp)
            while source is not None:
                try:
                    for record in source:
                        offset = record.offset
                        if (
                            offset >= self.next_fetch_offset
                        ):  # a fetch begins at its batch's first record; a second reading too
                            self.next_fetch_offset = offset + 1
                            headers = record.headers
                            yield Fetched(
                                topic,
                                partition,
                                offset,
                                record.timestamp,
                                record.timestamp_type,
                                record.key,
                                record.value,
                                tuple(headers) if headers else (),
                            )
                    source = None
                except UnicodeDecodeError:
                    source = records.lenient(batch.base_offset)
            self.next_fetch_offset = batch.next_offset  # compaction may have removed the last record

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


def fetch_lean() -> None:
    """From now on the consumers of this process unpack into `Fetched`."""
    fetcher.MemoryRecords = FetchedBatches
    fetcher.PartitionRecords = FetchedRecords
