"""Fetched records without aiokafka's ConsumerRecord: a frozen dataclass of eleven fields costs more than decoding its JSON.

Replaces how the fetcher of aiokafka 0.14 unpacks a partition; tests/streams/test_contracts.py guards what that relies on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from aiokafka import errors
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_UNCOMMITTED, PartitionRecords


class Fetched(msgspec.Struct, gc=False):
    """One record of a partition: streams.view.Record, and what else aiokafka's ConsumerRecord has."""

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


class FetchedRecords(PartitionRecords):
    """The records of one partition in one fetch; iterating moves `next_fetch_offset`."""

    next_fetch_offset: int

    def __iter__(self) -> Iterator[Fetched]:
        records: Iterator[Fetched] = self._records_iterator
        return records

    def _unpack_records(self) -> Iterator[Any]:
        if self._isolation_level != READ_UNCOMMITTED or self._key_deserializer or self._value_deserializer:
            return super()._unpack_records()
        return self._unpack()

    def _unpack(self) -> Iterator[Fetched]:
        records, topic, partition = self._records, self._tp.topic, self._tp.partition
        while records.has_next():
            batch = records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise errors.CorruptRecordException(f"Invalid CRC - {self._tp}")
            if not batch.is_control_batch:
                for record in batch:
                    offset = record.offset
                    if offset >= self.next_fetch_offset:  # a fetch begins at its batch's first record
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
            self.next_fetch_offset = batch.next_offset  # compaction may have removed the last record


def fetch_lean() -> None:
    """From now on the consumers of this process unpack into `Fetched`."""
    fetcher.PartitionRecords = FetchedRecords
