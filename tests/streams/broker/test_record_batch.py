"""Record batches written from columns are, byte by byte, those that aiokafka's builder makes of the same
records."""

from __future__ import annotations

import random

import numpy as np
import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from streams.broker.batches.record_batch import (
    OutgoingRecords,
    RecordBatchBytes,
    encoded_header,
    header_section,
    sections_with_id,
)
from streams.wire.texts import Texts

AT_MS = 1_795_291_200_000
HEADERS = [("ce_id", b"ex_1"), ("", b""), ("n\u00e4me", b"v" * 300)]
Record = tuple[bytes | None, bytes | None, list[tuple[str, bytes]], int]


def theirs(records: list[Record], producer: tuple[int, int, int]) -> bytes:
    builder = BatchBuilder(1 << 24, 0)
    for key, value, headers, at_ms in records:
        assert builder.append(timestamp=at_ms, key=key, value=value, headers=headers) is not None
    builder._set_producer_state(*producer)
    return bytes(builder._build())


def columns(records: list[Record]) -> OutgoingRecords:
    keys, values, headers, times = zip(*records, strict=True) if records else ((),) * 4
    sections = [header_section(each) for each in headers]
    texts = Texts.of(keys), Texts.of(values), Texts.of(sections)
    return OutgoingRecords(*texts, np.array(times, np.int64))


def ours(records: list[Record], producer: tuple[int, int, int]) -> bytes:
    batch = RecordBatchBytes(columns(records))
    batch._set_producer_state(*producer)
    size = batch.size()
    built = bytes(batch._build())
    assert len(built) == size and batch.record_count() == len(records) and batch.closed()
    return built


def drawn(seed: int, n: int) -> list[Record]:
    lot = random.Random(seed)
    texts = [None, b"", b"x" * 63, b"y" * 64, b"z" * 8191, b"w" * 8192, b"\0\xff\x80"]
    return [
        (
            lot.choice(texts[:4]),
            lot.choice([*texts, lot.randbytes(lot.randrange(900))]),
            HEADERS[: lot.randrange(4)],
            AT_MS + lot.choice([0, 0, 63, 64, -64, -65, 1 << 40, -(1 << 40)]),
        )
        for _ in range(n)
    ]


@pytest.mark.parametrize("n", [1, 2, 64, 65, 3_000])
def test_the_same_bytes_as_of_aiokafka(n: int) -> None:
    for seed in range(3):
        records = drawn(seed, n)
        assert ours(records, (1 << 40, 7, 1 << 20)) == theirs(records, (1 << 40, 7, 1 << 20))


def test_no_text_at_all() -> None:
    records: list[Record] = [(None, None, [], AT_MS), (b"", b"", [], AT_MS)]
    assert ours(records, (-1, -1, 0)) == theirs(records, (-1, -1, 0))


def test_a_batch_sent_again_is_the_same() -> None:
    batch = RecordBatchBytes(columns(drawn(1, 10)))
    batch._set_producer_state(5, 6, 7)
    assert bytes(batch._build()) == bytes(batch._build())


def test_parts_hold_every_record_in_order_and_no_more_than_they_may() -> None:
    records = drawn(4, 500)
    parts = [RecordBatchBytes(each) for each in columns(records).cut(20_000)]
    assert len(parts) > 10 and sum(each.record_count() for each in parts) == len(records)
    assert all(each.size() <= 20_000 for each in parts)
    found = []
    for each in parts:
        batch = MemoryRecords(bytes(each._build())).next_batch()
        assert batch is not None and batch.validate_crc()
        found += [(r.key, r.value, list(r.headers), r.timestamp) for r in batch]
    assert found == records


def test_a_record_longer_than_a_part_has_one_of_its_own() -> None:
    records: list[Record] = [(b"k", b"v" * size, [], AT_MS) for size in (10, 5_000, 10)]
    assert [len(each) for each in columns(records).cut(1_000)] == [1, 1, 1]
    assert list(columns([]).cut(1_000)) == []


def test_an_id_stands_before_the_headers_that_all_have() -> None:
    for length in (0, 1, 19, 200):
        ids = np.arange(3 * length, dtype=np.uint8).reshape(3, length)
        assert list(sections_with_id("ce_id", ids, HEADERS[1:])) == [
            header_section([("ce_id", id.tobytes()), *HEADERS[1:]]) for id in ids
        ]
    assert header_section([]) == b"\0" and encoded_header(("a", b"b")) == b"\x02a\x02b"
