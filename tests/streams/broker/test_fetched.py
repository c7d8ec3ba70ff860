"""Lean records equal aiokafka's own, field by field."""

from __future__ import annotations

import inspect
import struct
from typing import Any

import pytest
from aiokafka.codec import gzip_encode
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition

from streams.broker.batches.fetched import (
    COLUMNS_FROM_BYTES,
    UNSTAMPED,
    FetchedBatches,
    FetchedRecords,
    FetchedResult,
    judged_by_arrival,
)
from streams.broker.clients import client_options
from streams.settings import Settings
from streams.wire.dead_letters import DeadLetter, dead_letter
from streams.wire.record_columns import Fetched, RecordColumns

FIELDS = (
    "topic", "partition", "offset", "timestamp", "timestamp_type", "key", "value", "headers", "checksum",
    "serialized_key_size",
    "serialized_value_size",
)  # fmt: skip


def batch(n: int, compression: int = 0) -> bytes:
    builder = DefaultRecordBatchBuilder(2, compression, 0, -1, -1, 0, 1 << 20)
    for i in range(n):
        headers = [("ce_id", b"%d" % i)] if i % 2 else []
        builder.append(i, 1000 + i, b"k%d" % i if i % 3 else None, None if i % 5 == 4 else b"value", headers)
    return bytes(builder.build())


def unpacked(cls: Any, data: bytes, start: int = 0) -> tuple[list[Any], int]:
    source = cls(
        TopicPartition("t", 3), FetchedBatches(data), None, start, None, None, True, fetcher.READ_UNCOMMITTED
    )
    return [tuple(getattr(record, name) for name in FIELDS) for record in source], source.next_fetch_offset


def plain(n: int, first: int = 0, compression: int = 0) -> bytes:
    """Records without headers, from this offset on."""
    builder = DefaultRecordBatchBuilder(2, compression, 0, -1, -1, 0, 1 << 20)
    for i in range(n):
        key, value = b"k%d" % i if i % 3 else None, None if i % 5 == 4 else b"v" * (i * 37 % 300)
        builder.append(i, 1000 + i * 70 % 501, key, value, [])
    return based(builder.build(), first)


def based(built: bytes, first: int, stamped_by_broker: bool = False) -> bytes:
    """The batch from another offset on."""
    data = bytearray(built)
    struct.pack_into(">q", data, 0, first)
    if stamped_by_broker:
        struct.pack_into(">h", data, 21, struct.unpack_from(">h", data, 21)[0] | 1 << 3)
    struct.pack_into(">I", data, 17, calc_crc32c(bytes(data[21:])))
    return bytes(data)


class Place:
    """Where a consumer stands on a partition."""

    def __init__(self, position: int) -> None:
        self.active, self.paused, self.position = True, False, position

    def state_value(self, tp: TopicPartition) -> Place:
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def handed_out(cls: Any, unpack: Any, data: bytes, start: int) -> tuple[Any, int]:
    """What the consumer gives of a fetch, and where it stands then."""
    tp, place = TopicPartition("t", 3), Place(start)
    records = unpack(tp, FetchedBatches(data), None, start, None, None, True, fetcher.READ_UNCOMMITTED)
    result = cls(tp, assignment=place, partition_records=records, backoff=0.0)
    found = result.getall()
    assert not result.has_more()
    return found, place.position


MIXED = {
    "plain": plain(300) + plain(2, 300) + plain(700, 302),
    "broker's time": based(plain(40), 0, True) + plain(3, 40),
    "headers behind": plain(40) + based(batch(20), 40),
    "headers before": batch(20) + plain(40, 20),
    "compressed": plain(40, 0, 4) + plain(40, 40),
    "nothing": b"",
}


@pytest.mark.parametrize("start", [0, 17, 41])
@pytest.mark.parametrize("data", MIXED.values(), ids=MIXED)
def test_a_fetch_is_handed_out_as_the_client_would(data: bytes, start: int) -> None:
    found, after = handed_out(FetchedResult, FetchedRecords, data, start)
    theirs, their_place = handed_out(FetchResult, PartitionRecords, data, start)
    assert [tuple(getattr(each, name) for name in FIELDS) for each in found] == [
        tuple(getattr(each, name) for name in FIELDS) for each in theirs
    ]
    assert after == their_place


def test_batches_without_headers_stay_in_their_bytes() -> None:
    for name, in_columns in (("plain", True), ("broker's time", True), ("headers behind", False)):
        found, _ = handed_out(FetchedResult, FetchedRecords, MIXED[name], 0)
        assert isinstance(found, RecordColumns) == in_columns


def test_a_few_records_are_handed_out_one_by_one() -> None:
    assert len(plain(3)) < COLUMNS_FROM_BYTES < len(plain(300))
    found, _ = handed_out(FetchedResult, FetchedRecords, plain(3), 0)
    assert isinstance(found, list) and len(found) == 3


@pytest.mark.parametrize("cut", [1, 5, 100])
def test_a_batch_that_is_not_what_it_says_is_left_to_the_client(cut: int) -> None:
    data = bytearray(plain(20))
    del data[-cut:]
    struct.pack_into(">i", data, 8, len(data) - 12)
    with pytest.raises(CorruptRecordException):
        handed_out(FetchedResult, FetchedRecords, based(bytes(data), 0), 0)


@pytest.mark.parametrize("start", [0, 7])
def test_the_same_records_as_the_client_gives(start: int) -> None:
    data = batch(20)
    found, after = unpacked(FetchedRecords, data, start)
    assert (found, after) == unpacked(PartitionRecords, data, start)
    assert len(found) == 20 - start


def test_a_part_can_be_taken_and_the_rest_later() -> None:
    source = FetchedRecords(TopicPartition("t", 0), FetchedBatches(batch(10)), None, 0, None, None, True, 0)
    first = [record.offset for record, _ in zip(source, range(4), strict=False)]
    assert source.next_fetch_offset == 5  # zip takes one more than it gives
    assert [first[-1], *(record.offset for record in source)] == [3, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("compression", [1, 2, 3, 4], ids=["gzip", "snappy", "lz4", "zstd"])
def test_every_compression_a_producer_may_choose_is_read(compression: int) -> None:
    assert unpacked(FetchedRecords, batch(300, compression)) == unpacked(FetchedRecords, batch(300))


def test_a_damaged_batch_is_refused() -> None:
    data = bytearray(batch(3))
    data[-1] ^= 1
    with pytest.raises(Exception, match="Invalid CRC"):
        unpacked(FetchedRecords, bytes(data))


def odd_names(base_offset: int, compression: int) -> bytes:
    """Five records from this offset on, the third with a header name that is not UTF-8."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 20)
    for i in range(5):
        builder.append(i, 1000 + i, b"key", b"value", [("ce_id", b"1"), ("bad!" if i == 2 else "good", b"2")])
    data = bytearray(builder.build().replace(b"bad!", b"b\xff\xfed"))
    if compression:
        data[61:] = gzip_encode(bytes(data[61:]))
        struct.pack_into(">i", data, 8, len(data) - 12)
        struct.pack_into(">h", data, 21, compression)
    struct.pack_into(">q", data, 0, base_offset)
    struct.pack_into(">I", data, 17, calc_crc32c(bytes(data[21:])))
    return bytes(data)


@pytest.mark.parametrize("compression", [0, 1])
@pytest.mark.parametrize("start", [0, 1, 2, 3])
def test_a_header_name_that_is_not_utf8_stops_nothing(compression: int, start: int) -> None:
    data = odd_names(0, compression) + odd_names(5, 0) + odd_names(10, compression)
    tp = TopicPartition("t", 3)
    source = FetchedRecords(tp, FetchedBatches(data), None, start, None, None, True, fetcher.READ_UNCOMMITTED)
    found = []
    for record in source:
        assert source.next_fetch_offset == record.offset + 1
        found.append(record)
    assert [(r.offset, r.timestamp, r.key, r.value) for r in found] == [
        (n, 1000 + n % 5, b"key", b"value") for n in range(start, 15)
    ]
    assert {r.offset: r.headers[1] for r in found} == {
        n: ("b\ufffd\ufffdd" if n % 5 == 2 else "good", b"2") for n in range(start, 15)
    }
    assert source.next_fetch_offset == 15


CONTROL = 1 << 5
COMMIT, ABORT = 1, 0


def of_producer(
    producer: int, first: int, n: int, marker: int | None = None, transaction: bool = True
) -> bytes:
    """`n` records of a producer from offset `first` on; with `marker`, the one that ends its transaction."""
    builder = DefaultRecordBatchBuilder(2, 0, int(transaction), producer, 0, 0, 1 << 20)
    for i in range(n):
        key = b"key" if marker is None else struct.pack(">hh", 0, marker)
        builder.append(i, 1000 + i, key, b"%d" % producer, [])
    data = bytearray(builder.build())
    struct.pack_into(">q", data, 0, first)
    if marker is not None:
        attributes = struct.unpack_from(">h", data, 21)[0]
        struct.pack_into(">h", data, 21, attributes | CONTROL)
    struct.pack_into(">I", data, 17, calc_crc32c(bytes(data[21:])))
    return bytes(data)


INTERLEAVED = b"".join(
    [
        of_producer(1, 0, 3),
        of_producer(2, 3, 2),
        of_producer(-1, 5, 2, transaction=False),
        of_producer(1, 7, 1, ABORT),
        of_producer(1, 8, 2),  # its next transaction, which is committed
        of_producer(2, 10, 1, COMMIT),
        of_producer(1, 11, 1, COMMIT),
        of_producer(2, 12, 4),
        of_producer(2, 16, 1, ABORT),
        of_producer(3, 17, 1, ABORT),  # of a producer without a record here
        of_producer(2, 18, 1, transaction=False),
    ]
)
"""Producer 1 aborts what it wrote at 0..2, producer 2 what it wrote at 12..15."""
ABORTED = [(2, 12), (1, 0)]


@pytest.mark.parametrize("start", [0, 2])
@pytest.mark.parametrize("level", [fetcher.READ_COMMITTED, fetcher.READ_UNCOMMITTED])
def test_what_was_aborted_is_left_out(level: int, start: int) -> None:
    def read(cls: Any) -> tuple[list[int], int]:
        tp, records = TopicPartition("t", 0), FetchedBatches(INTERLEAVED)
        source = cls(tp, records, ABORTED, start, None, None, True, level)
        return [record.offset for record in source], source.next_fetch_offset

    real = {0, 1, 2, 3, 4, 5, 6, 8, 9, 12, 13, 14, 15, 18}
    aborted = {0, 1, 2, 12, 13, 14, 15} if level == fetcher.READ_COMMITTED else set()
    wanted = sorted(offset for offset in real - aborted if offset >= start)
    assert read(FetchedRecords) == (wanted, 19) == read(PartitionRecords)


def test_a_marker_that_compaction_emptied_ends_its_transaction() -> None:
    data = of_producer(1, 0, 2) + of_producer(1, 2, 0, ABORT) + of_producer(1, 3, 2)
    tp, aborted = TopicPartition("t", 0), [(1, 0)]
    source = FetchedRecords(tp, FetchedBatches(data), aborted, 0, None, None, True, fetcher.READ_COMMITTED)
    assert [record.offset for record in source] == [3, 4] and source.next_fetch_offset == 5


def test_a_dead_letter_carries_a_replaced_header_name() -> None:
    records = FetchedRecords(
        TopicPartition("t", 0), FetchedBatches(odd_names(0, 0)), None, 2, None, None, True, 0
    )
    refused = next(iter(records))
    letter = dead_letter(refused, "app", "decode", "malformed", "odd")
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 20)
    builder.append(0, 1000, letter.key, letter.value, letter.headers)
    again: Fetched = next(
        iter(
            FetchedRecords(
                TopicPartition("d", 0), FetchedBatches(bytes(builder.build())), None, 0, None, None, True, 0
            )
        )
    )
    assert DeadLetter.of(again).headers == refused.headers


def test_every_consumer_of_the_process_reads_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher, "MemoryRecords", MemoryRecords)
    monkeypatch.setattr(fetcher, "PartitionRecords", PartitionRecords)
    monkeypatch.setattr(fetcher, "FetchResult", FetchResult)
    client_options(Settings())
    assert (fetcher.MemoryRecords, fetcher.PartitionRecords) == (FetchedBatches, FetchedRecords)
    assert fetcher.FetchResult is FetchedResult


def test_where_the_client_makes_and_reads_them() -> None:
    assert "records = MemoryRecords(part_data[-1])" in inspect.getsource(Fetcher._proc_fetch_request)
    assert "PartitionRecords(" in inspect.getsource(Fetcher._proc_fetch_request)
    assert "FetchResult(" in inspect.getsource(Fetcher._proc_fetch_request)
    for function in (Fetcher.fetched_records, Fetcher.next_record):
        assert "type(res_or_error) is FetchResult" in inspect.getsource(function)
    assert "for msg in self._partition_records" in inspect.getsource(FetchResult.getall)
    assert "self._partition_records = None" in inspect.getsource(FetchResult.getall)
    assert "self._records_iterator = self._unpack_records()" in inspect.getsource(PartitionRecords.__init__)


def test_a_producers_clock_is_replaced_by_the_arrival() -> None:
    """LogAppendTime records keep the time the broker gave them."""
    own, given = (Fetched("t", 0, n, 1000, kind, b"k", b"v", ()) for n, kind in enumerate((0, 1)))
    assert [each.timestamp for each in judged_by_arrival([own, given], 5_000)] == [5_000, 1000]
    assert judged_by_arrival([own], 5_000)[0].offset == own.offset and own.timestamp == 1000


def test_partitions_whose_producers_set_the_time_are_known() -> None:
    def read(tp: TopicPartition, data: bytes) -> bool:
        list(FetchedRecords(tp, FetchedBatches(data), None, 0, None, None, True, 0))
        return tp in UNSTAMPED

    stamped = bytearray(batch(3))
    struct.pack_into(">h", stamped, 21, struct.unpack_from(">h", stamped, 21)[0] | 1 << 3)  # LogAppendTime
    struct.pack_into(">I", stamped, 17, calc_crc32c(bytes(stamped[21:])))
    assert not read(TopicPartition("the-brokers", 0), bytes(stamped))
    assert read(TopicPartition("the-producers", 0), batch(3))


@pytest.mark.parametrize("start", [0, 1, 2, 3])
def test_a_fetch_with_an_odd_header_name_gives_each_record_once(start: int) -> None:
    found, after = handed_out(FetchedResult, FetchedRecords, odd_names(0, 0) + plain(3, 5), start)
    assert ([each.offset for each in found], after) == ([*range(start, 8)], 8)


@pytest.mark.parametrize("compression", [0, 4], ids=["plain", "zstd"])
@pytest.mark.parametrize("damaged", [0, 1])
def test_a_damaged_batch_is_not_read(compression: int, damaged: int) -> None:
    batches = [bytearray(batch(5, compression)) for _ in range(2)]
    batches[damaged][-1] ^= 1
    source = FetchedRecords(
        TopicPartition("t", 0), FetchedBatches(b"".join(batches)), None, 0, None, None, True, 0
    )
    with pytest.raises(CorruptRecordException, match="Invalid CRC"):
        list(source)
    assert source.next_fetch_offset == 5 * damaged
