"""Records in columns say what the same records say one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from streams.wire.record_columns import (
    CREATE_TIME,
    KEY,
    PLACES,
    SPARE,
    Fetched,
    RecordColumns,
    distinct_keys_of,
    joined,
    lengths_of,
    offsets_of,
    packed,
    packed_columns,
    record_keys_of,
    times_of,
    values_of,
)

TEXTS = [(b"u1", b"one"), (None, b"two"), (b"u3", None), (b"", b""), (None, None), (b"u" * 40, b"v" * 300)]
NULL = -1


def columns(texts: list[tuple[bytes | None, bytes | None]], first: int = 5) -> RecordColumns:
    """Records with a byte that is nobody's before each text."""
    data, places = bytearray(b"?"), np.zeros((PLACES, len(texts)), np.int64)
    for i, pair in enumerate(texts):
        places[:KEY, i] = first + 2 * i, 1_000 + i, i % 2
        for at, text in zip((KEY, KEY + 2), pair, strict=True):
            data += b"?"
            places[at : at + 2, i] = len(data), len(data) + len(text) if text is not None else NULL
            data += text or b""
    return RecordColumns("t", 3, bytes(data), places)


def one_by_one(texts: list[tuple[bytes | None, bytes | None]], first: int = 5) -> list[Fetched]:
    return [Fetched("t", 3, first + 2 * i, 1_000 + i, i % 2, *pair, ()) for i, pair in enumerate(texts)]


def told(records: Any) -> list[Any]:
    lengths = [each.tolist() for each in lengths_of(records)]
    return [
        record_keys_of(records),
        values_of(records),
        offsets_of(records).tolist(),
        times_of(records).tolist(),
        lengths,
    ]


def test_a_sequence_of_the_same_records() -> None:
    ours, theirs = columns(TEXTS), one_by_one(TEXTS)
    assert len(ours) == len(theirs) and list(ours) == theirs
    assert [ours[i] for i in (0, 2, -1)] == [theirs[i] for i in (0, 2, -1)]
    assert list(ours[1:4]) == theirs[1:4] and list(ours[4:][:1]) == theirs[4:5] and not ours[:0]
    with pytest.raises(IndexError):
        ours[len(theirs)]


@pytest.mark.parametrize("part", [slice(None), slice(1, 5), slice(2, 3), slice(0, 0)])
def test_what_is_asked_of_all_at_once(part: slice) -> None:
    assert told(columns(TEXTS)[part]) == told(one_by_one(TEXTS)[part])


@pytest.mark.parametrize(
    "parts", [(slice(0, 3), slice(3, 6)), (slice(2, 3), slice(4, 5)), (slice(0, 0), slice(1, 4))]
)
def test_joined(parts: tuple[slice, slice]) -> None:
    first, second = parts
    ours = joined(columns(TEXTS)[first], columns(TEXTS, 90)[second])
    assert isinstance(ours, RecordColumns)
    assert list(ours) == [*one_by_one(TEXTS)[first], *one_by_one(TEXTS, 90)[second]]
    assert list(joined(columns(TEXTS)[first], one_by_one(TEXTS)[second])) == [
        *one_by_one(TEXTS)[first],
        *one_by_one(TEXTS)[second],
    ]


def test_what_is_joined_carries_no_bytes_of_others() -> None:
    some = columns(TEXTS)[1:2]
    assert isinstance(both := joined(some, some), RecordColumns) and len(both.data) < 20


@pytest.mark.parametrize("part", [slice(None), slice(1, 5), slice(0, 0)])
def test_texts_end_to_end(part: slice) -> None:
    some = columns(TEXTS)[part]
    (data, lengths), (wanted, wanted_lengths) = (
        packed_columns(some),
        packed(values_of(some), record_keys_of(some)),
    )
    assert data.tobytes() == wanted.tobytes() and data[-SPARE:].tobytes() == bytes(SPARE)
    assert lengths.tolist() == wanted_lengths.tolist()


def test_a_producers_time_is_replaced() -> None:
    assert [each.timestamp for each in columns(TEXTS).at_time(7)] == [
        7 if each.timestamp_type == CREATE_TIME else each.timestamp for each in one_by_one(TEXTS)
    ]


def test_each_key_once_and_which_is_a_record_s_own() -> None:
    texts = [(b"u2", b"a"), (b"u1", b"b"), (None, b"c"), (b"u2", None), (b"", b"d"), (b"u1", b"e")]
    for records in (columns(texts), one_by_one(texts), joined(columns(texts[:2]), columns(texts[2:], 9))):
        keys, which = distinct_keys_of(records)
        assert keys == [b"u2", b"u1", b""] and which.tolist() == [0, 1, 2, 0, 2, 1]
        part, which = distinct_keys_of(records[1:4])
        assert part == [b"u1", b"", b"u2"] and which.tolist() == [0, 1, 2]
