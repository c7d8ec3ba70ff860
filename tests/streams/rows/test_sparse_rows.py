"""The stored form of fixed-size rows gives every row back, and keeps its layout."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.row import HEADER
from streams.rows.sparse_rows import (
    most_sparse_bytes,
    packed_rows,
    packed_sizes,
    row_size,
    unpacked,
    unpacked_bytes,
)

GOLDEN = "01700000" + "00" * 84 + "6900" + "05" + "ff00000000000000" + "2a00000000000000"


@given(
    st.integers(0, 200),
    st.lists(st.lists(st.tuples(st.integers(0, 287), st.integers(1, 255)), max_size=300), max_size=5),
)
def test_rows_come_back(rest: int, sets: list[list[tuple[int, int]]]) -> None:
    size = HEADER.itemsize + rest
    raw = np.zeros((len(sets), size), np.uint8)
    for i, each in enumerate(sets):
        for at, byte in each:
            raw[i, at % size] = byte
    rows = raw.reshape(-1).view(f"V{size}")
    values = packed_rows(rows)
    assert packed_sizes(rows).tolist() == [len(value) for value in values]
    assert max(map(len, values), default=0) <= most_sparse_bytes(size)
    assert unpacked(values, size).tobytes() == raw.tobytes()
    assert [row_size(value) for value in values] == [size] * len(sets)
    assert [unpacked_bytes(value) for value in values] == [row.tobytes() for row in raw]
    assert [value[: HEADER.itemsize] for value in values] == [row[: HEADER.itemsize].tobytes() for row in raw]


def test_a_full_row_takes_the_most() -> None:
    rows = np.full((1, 1016), 7, np.uint8).reshape(-1).view("V1016")
    assert packed_sizes(rows).tolist() == [most_sparse_bytes(1016)]


def test_the_layout_on_disk_stays() -> None:
    row = np.zeros(1, np.dtype([*HEADER.descr, ("a", "<i8"), ("b", "<i8"), ("c", "u1")]))
    row["version"], row["kind"], row["a"], row["c"] = 1, ord("p"), 255, 42
    assert packed_rows(row)[0].hex() == GOLDEN
    assert unpacked_bytes(bytes.fromhex(GOLDEN)) == row.tobytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda v: v[:-1],
        lambda v: v + b"0",
        lambda v: v[:60],
        lambda v: b"",
        lambda v: v[:88] + b"\x70\x00" + v[90:],
    ],
)
def test_what_is_no_stored_row_is_refused(damage: object) -> None:
    value = bytes.fromhex(GOLDEN)
    with pytest.raises(ValueError, match="no stored row"):
        unpacked([value, damage(value)], 105)  # type: ignore[operator]
