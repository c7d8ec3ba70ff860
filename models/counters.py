"""Rows `a`: absolute counters of a cell (campaign, slot, arm, template, segment) in windows of event time.

A row is COUNTS, then one MONEY entry per currency. Rows hold sums and the last offset per source, so they do not depend on batch boundaries.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
from xxhash import xxh3_64_intdigest

from models.exposures import CAMPAIGN_BITS, CAMPAIGN_SHIFT


class Field(IntEnum):
    """What a delta counts."""

    IMPRESSIONS = 0
    VIEWABLE = 1
    CLICKS = 2
    CONVERSIONS = 3
    LIKES = 4
    HIDES = 5
    REPORTS = 6


FIELDS: Final = tuple(field.name.lower() for field in Field)
"""Names of the counters, as in streams.records.OutcomeCounts."""
EXPOSURE_BINS: Final = 8
"""Impressions by how often the user had seen that creative before; the last bin holds 7 and more."""
WINDOWS_S: Final = (60, 3_600, 86_400)

DELTA: Final = np.dtype(
    [
        ("cell", "<u8"),
        ("ts", "<u4"),  # s, event time
        ("field", "u1"),
        ("sign", "i1"),
        ("nth", "u1"),  # impressions: EXPOSURE_BINS index
        ("currency", "u1"),  # 0 = no money
        ("value", "<i8"),  # signed; impressions: cost in micros; conversions: minor units
        ("source", "u1"),
        ("offset", "<i8"),
    ]
)

COUNTS: Final = np.dtype([("fence", "<i8", (8,)), ("counts", "<i8", (len(Field),)), ("by_exposure", "<i8", (EXPOSURE_BINS,))])
MONEY: Final = np.dtype([("currency", "u1"), ("value_minor", "<i8"), ("cost_micros", "<i8")])
_KEY: Final = struct.Struct(">cQII")

Rows = np.ndarray[Any, np.dtype[np.void]]
Names = tuple[str, str, str, str, str]
"""campaign, slot, arm, template, segment."""


def campaign_bits(campaign: str) -> int:
    """What a cell's top bits say of its campaign."""
    return xxh3_64_intdigest(campaign.encode()) >> (64 - CAMPAIGN_BITS)


def cell_of(names: Names) -> int:
    """The number of a cell; never 0."""
    rest = xxh3_64_intdigest("\x1f".join(names[1:]).encode()) & ((1 << CAMPAIGN_SHIFT) - 1)
    return campaign_bits(names[0]) << CAMPAIGN_SHIFT | (rest or 1)


@dataclass(frozen=True, slots=True)
class Window:
    """One counter row: which cell, how long, from when."""

    cell: int
    size_s: int
    start_s: int

    def key(self) -> bytes:
        """Row key; sorts by cell, then size, then start."""
        return _KEY.pack(b"a", self.cell, self.size_s, self.start_s)

    @classmethod
    def of_key(cls, key: bytes) -> Window:
        return cls(*_KEY.unpack(key)[1:])


@dataclass(slots=True)
class Counters:
    """Content of a counter row: numpy scalars of COUNTS and money by currency index -> [value_minor, cost_micros]."""

    row: np.void
    money: dict[int, list[int]]

    @classmethod
    def empty(cls) -> Counters:
        row = np.zeros(1, COUNTS)
        row["fence"] = -1
        return cls(row[0], {})

    @classmethod
    def of_bytes(cls, payload: bytes) -> Counters:
        row = np.frombuffer(payload[: COUNTS.itemsize], COUNTS).copy()[0]
        money = np.frombuffer(payload[COUNTS.itemsize :], MONEY)
        return cls(row, {int(m["currency"]): [int(m["value_minor"]), int(m["cost_micros"])] for m in money})

    def payload(self) -> bytes:
        money = np.array([(currency, *amounts) for currency, amounts in sorted(self.money.items()) if any(amounts)], MONEY)
        return self.row.tobytes() + money.tobytes()

    def add(self, other: Counters) -> None:
        """Add sums, keep the later offset per source."""
        np.maximum(self.row["fence"], other.row["fence"], out=self.row["fence"])
        self.row["counts"] += other.row["counts"]
        self.row["by_exposure"] += other.row["by_exposure"]
        for currency, (value, cost) in other.money.items():
            mine = self.money.setdefault(currency, [0, 0])
            mine[0] += value
            mine[1] += cost


def fold(deltas: Rows) -> Iterator[tuple[Window, Counters]]:
    """Sum deltas per cell and window, for each of WINDOWS_S; every (cell, window) comes once."""
    for size in WINDOWS_S:
        yield from _fold(deltas, size)


def _fold(deltas: Rows, size_s: int) -> Iterator[tuple[Window, Counters]]:
    starts = deltas["ts"] // size_s * size_s
    order = np.lexsort((starts, deltas["cell"]))
    cells, starts = deltas["cell"][order], starts[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (cells[1:] != cells[:-1]) | (starts[1:] != starts[:-1])
    heads = np.flatnonzero(first)
    group = np.cumsum(first) - 1
    sums = _sums(deltas[order], group, len(heads))
    money = _money(deltas[order], group)
    for g, head in enumerate(heads.tolist()):
        yield Window(int(cells[head]), size_s, int(starts[head])), Counters(sums[g], money.get(g, {}))


def _sums(deltas: Rows, group: np.ndarray[Any, Any], n: int) -> Rows:
    sums = np.zeros(n, COUNTS)
    sums["fence"] = -1
    np.add.at(sums["counts"], (group, deltas["field"]), deltas["sign"].astype(np.int64))
    shown = deltas["field"] == Field.IMPRESSIONS
    np.add.at(sums["by_exposure"], (group[shown], deltas["nth"][shown]), deltas["sign"][shown].astype(np.int64))
    np.maximum.at(sums["fence"], (group, deltas["source"]), deltas["offset"])
    return sums


def _money(deltas: Rows, group: np.ndarray[Any, Any]) -> dict[int, dict[int, list[int]]]:
    money: dict[int, dict[int, list[int]]] = {}
    paid = np.flatnonzero((deltas["currency"] != 0) & (deltas["value"] != 0))
    rows = zip(group[paid].tolist(), deltas["currency"][paid].tolist(), deltas["field"][paid].tolist(), deltas["value"][paid].tolist(), strict=True)
    for g, currency, field, value in rows:
        amounts = money.setdefault(g, {}).setdefault(currency, [0, 0])
        amounts[0 if field == Field.CONVERSIONS else 1] += value
    return money
