"""Lean records equal aiokafka's own, field by field."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from streams.fetched import FetchedRecords

FIELDS = (
    "topic", "partition", "offset", "timestamp", "timestamp_type", "key", "value", "headers", "checksum", "serialized_key_size",
    "serialized_value_size",
)  # fmt: skip


def batch(n: int) -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 20)
    for i in range(n):
        headers = [("ce_id", b"%d" % i)] if i % 2 else []
        builder.append(i, 1000 + i, b"k%d" % i if i % 3 else None, None if i % 5 == 4 else b"value", headers)
    return bytes(builder.build())


def unpacked(cls: Any, data: bytes, start: int = 0) -> tuple[list[Any], int]:
    source = cls(TopicPartition("t", 3), MemoryRecords(data), None, start, None, None, True, fetcher.READ_UNCOMMITTED)
    return [tuple(getattr(record, name) for name in FIELDS) for record in source], source.next_fetch_offset


@pytest.mark.parametrize("start", [0, 7])
def test_the_same_records_as_the_client_gives(start: int) -> None:
    data = batch(20)
    found, after = unpacked(FetchedRecords, data, start)
    assert (found, after) == unpacked(PartitionRecords, data, start)
    assert len(found) == 20 - start


def test_a_part_can_be_taken_and_the_rest_later() -> None:
    source = FetchedRecords(TopicPartition("t", 0), MemoryRecords(batch(10)), None, 0, None, None, True, 0)
    first = [record.offset for record, _ in zip(source, range(4), strict=False)]
    assert source.next_fetch_offset == 5  # zip takes one more than it gives
    assert [first[-1], *(record.offset for record in source)] == [3, 5, 6, 7, 8, 9]


def test_a_damaged_batch_is_refused() -> None:
    data = bytearray(batch(3))
    data[-1] ^= 1
    with pytest.raises(Exception, match="Invalid CRC"):
        unpacked(FetchedRecords, bytes(data))


def test_where_the_client_makes_and_reads_them() -> None:
    assert "PartitionRecords(" in inspect.getsource(Fetcher._proc_fetch_request)
    assert "for msg in self._partition_records" in inspect.getsource(FetchResult.getall)
    assert "self._records_iterator = self._unpack_records()" in inspect.getsource(PartitionRecords.__init__)
