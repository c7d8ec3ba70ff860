"""Rows `a`: absolute counters of a cell (campaign, slot, arm, template, segment) in windows of event time.

A row is COUNTS, then currency, value and cost per currency: sums and the last offset per source, which do not
depend on batch boundaries. Deltas are summed per minute in memory (`Sums`) and reach the rows at a flush.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numba.types import int32, int64
from xxhash import xxh3_64_intdigest

from models.arrays import Rows
from models.earned.exposures import CAMPAIGN_BITS, CAMPAIGN_SHIFT
from models.kernels.argument_types import rows, vector
from models.kernels.compiled import kernel
from models.money import MOST_SUM, sum_of


class Field(IntEnum):
    """What a delta counts."""

    IMPRESSIONS = 0
    VIEWABLE = 1
    CLICKS = 2
    CONVERSIONS = 3
    LIKES = 4
    HIDES = 5
    REPORTS = 6
    INVALID_IMPRESSIONS = 7
    INVALID_CLICKS = 8
    STARTS = 9  # this and the next: of clips that were played
    FIRST_QUARTILES = 10
    MIDPOINTS = 11
    THIRD_QUARTILES = 12
    COMPLETIONS = 13
    CLICKED = 14  # exposures that were clicked, counted by showing alone


_COUNTED: Final = len(Field) - 1
COUNTER_FIELDS: Final = tuple(field.name.lower() for field in Field)[:_COUNTED]
"""Names of the counters, as in streams.records.OutcomeCounts."""
EXPOSURE_BINS: Final = 8
"""Impressions by how often the user had seen that creative before; the last bin holds 7 and more."""
LIFE_S: Final = 0
"""Size of the one window that never ends; it starts at 0."""
WINDOWS_S: Final = (60, 3_600, 86_400, LIFE_S)
CAMPAIGN_FIRST: Final = len(WINDOWS_S)
"""Bits of DELTA's `first`: k = this user's first impression of the cell in its window of WINDOWS_S[k],
CAMPAIGN_FIRST + k = of the campaign."""

DELTA: Final = np.dtype(
    [
        ("cell", "<u8"),
        ("ts", "<u4"),  # s, event time
        ("field", "u1"),
        ("sign", "i1"),
        ("nth", "u1"),  # impressions and CLICKED: EXPOSURE_BINS index
        ("first", "u1"),  # impressions: CAMPAIGN_FIRST
        ("currency", "u1"),  # 0 = no money
        ("value", "<i8"),  # signed; impressions: cost in micros; conversions: minor units
        ("source", "u1"),
        ("offset", "<i8"),
    ]
)

COUNTS: Final = np.dtype(
    [
        ("fence", "<i8", (8,)),
        ("counts", "<i8", (_COUNTED,)),
        ("by_exposure", "<i8", (EXPOSURE_BINS,)),
        ("clicked_by_exposure", "<i4", (EXPOSURE_BINS,)),
        ("users", "<i4", (2,)),  # whose first impression of the cell, of the campaign, counts here
    ]
)
_KEY: Final = struct.Struct(">cQII")
_COUNTS: Final = struct.Struct(f"<{COUNTS['fence'].itemsize}x{_COUNTED}q{EXPOSURE_BINS}q{EXPOSURE_BINS}i2i")
_MONEY: Final = struct.Struct("<Bqq")
"""Currency, value in minor units, cost in micros."""

CellNames = tuple[str, str, str, str, str]
"""campaign, slot, arm, template, segment."""


def campaign_bits(campaign: str) -> int:
    """What a cell's top bits say of its campaign."""
    return xxh3_64_intdigest(campaign.encode()) >> (64 - CAMPAIGN_BITS)


def cell_of(names: CellNames) -> int:
    """The number of a cell; never 0."""
    rest = xxh3_64_intdigest("\x1f".join(names[1:]).encode()) & ((1 << CAMPAIGN_SHIFT) - 1)
    return campaign_bits(names[0]) << CAMPAIGN_SHIFT | (rest or 1)


NOBODYS: Final[CellNames] = ("none", "none", "unattributed", "none", "none")
"""What a conversion counts for that nothing earned."""
NOBODYS_CELL: Final = cell_of(NOBODYS)


class Window(NamedTuple):
    """One counter row: which cell, how long, from when."""

    cell: int
    size_s: int
    start_s: int

    def key(self, kind: bytes = b"a") -> bytes:
        """Row key; sorts by cell, then size, then start."""
        return _KEY.pack(kind, self.cell, self.size_s, self.start_s)

    @classmethod
    def of_key(cls, key: bytes) -> Window:
        return cls(*_KEY.unpack(key)[1:])


class Counters(NamedTuple):
    """Content of a counter row: counts as in COUNTER_FIELDS, impressions per bin, money by currency index ->
    (value_minor, cost_micros).

    clicked_by_exposure: impressions per bin whose own click came. users: who saw the cell in this window, and
    whose first impression of the campaign in it was one of this cell; never more than there were.
    """

    counts: list[int]
    by_exposure: list[int]
    money: dict[int, tuple[int, int]]
    clicked_by_exposure: list[int]
    users: list[int]

    @classmethod
    def of_bytes(cls, payload: bytes) -> Counters:
        numbers = list(_COUNTS.unpack_from(payload))
        shown, clicked, users = (_COUNTED + k * EXPOSURE_BINS for k in range(3))
        by_exposure, clicked_by_exposure = numbers[shown:clicked], numbers[clicked:users]
        return cls(numbers[:shown], by_exposure, _money_of(payload), clicked_by_exposure, numbers[users:])


GROUP: Final = np.dtype(
    [
        ("cell", "<u8"),
        ("start", "<u4"),  # s, of the minute
        ("currency", "u1"),
        ("value_minor", "<i8"),
        ("cost_micros", "<i8"),
        ("first", "<i4", (2 * CAMPAIGN_FIRST,)),
        *COUNTS.descr,
    ]
)
_IMPRESSIONS, _CLICKED = int(Field.IMPRESSIONS), int(Field.CLICKED)
_SLOTS: Final = 4096
_FULL: Final = 1024


Payloads = Callable[[Sequence[bytes]], Sequence[bytes | None]]
"""What is stored of rows by their keys, None = nothing."""


class Sums:
    """Deltas of one lane summed per cell, minute and currency, until they reach the rows. At most 1,024 sums,
    1 MiB of rows."""

    def __init__(self) -> None:
        self._groups = np.zeros(_FULL, GROUP)
        self._table = np.full(_SLOTS, -1, np.int32)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def add(self, deltas: Rows, start: int = 0) -> int:
        """Add deltas[start:]; returns the index of the first that found no room, len(deltas) when all did."""
        self._n, done = _add(self._groups, self._table, self._n, deltas, start)
        return int(done)

    def clear(self) -> None:
        self._groups[: self._n] = np.zeros((), GROUP)
        self._table[:] = -1
        self._n = 0

    def rows(self, get_many: Payloads) -> Iterator[tuple[Window, bytes]]:
        """Every touched counter row as it is now: window and payload; `get_many` reads what rows held."""
        groups = self._groups[: self._n]
        for k in range(len(WINDOWS_S)):
            yield from _rows(groups, k, get_many)


@kernel(rows(GROUP), vector(int32), int64, rows(DELTA), int64)
def _add(groups, table, n, deltas, start):  # type: ignore[no-untyped-def]
    mask = len(table) - 1
    for i in range(start, len(deltas)):
        d = deltas[i]
        minute = d.ts - d.ts % 60
        at = np.int64(
            (
                d.cell
                ^ (d.cell >> np.uint64(29))
                ^ np.uint64(minute) * np.uint64(0x9E3779B97F4A7C15)
                ^ np.uint64(d.currency)
            )
            & np.uint64(mask)
        )
        while table[at] >= 0:
            g = groups[table[at]]
            if g.cell == d.cell and g.start == minute and g.currency == d.currency:
                break
            at = (at + 1) & mask
        if table[at] < 0:
            if n == len(groups):
                return n, i
            table[at] = n
            g = groups[n]
            g.cell, g.start, g.currency = d.cell, minute, d.currency
            for s in range(len(g.fence)):
                g.fence[s] = -1
            n += 1
        g = groups[table[at]]
        if d.field == _IMPRESSIONS:
            g.by_exposure[d.nth] += d.sign
            g.cost_micros = min(max(g.cost_micros + d.value, -MOST_SUM), MOST_SUM)
            for k in range(len(g.first)):
                g.first[k] += d.sign * (d.first >> k & 1)
        elif d.field == _CLICKED:
            g.clicked_by_exposure[d.nth] += d.sign
        else:
            g.value_minor = min(max(g.value_minor + d.value, -MOST_SUM), MOST_SUM)
        if d.field != _CLICKED:
            g.counts[d.field] += d.sign
        g.fence[d.source] = max(g.fence[d.source], d.offset)
    return n, len(deltas)


def _rows(groups: Rows, which: int, get_many: Payloads) -> Iterator[tuple[Window, bytes]]:
    """Of the windows of size WINDOWS_S[which]."""
    if not len(groups):
        return
    size_s = WINDOWS_S[which]
    starts = groups["start"] // size_s * size_s if size_s else np.zeros_like(groups["start"])
    order = np.lexsort((starts, groups["cell"]))
    groups, starts = groups[order], starts[order]
    first = np.ones(len(groups), np.bool_)
    first[1:] = (groups["cell"][1:] != groups["cell"][:-1]) | (starts[1:] != starts[:-1])
    heads = np.flatnonzero(first)
    windows = [
        Window(cell, size_s, at)
        for cell, at in zip(groups["cell"][heads].tolist(), starts[heads].tolist(), strict=True)
    ]
    before = [payload or _EMPTY for payload in get_many([window.key() for window in windows])]
    rows = np.frombuffer(b"".join([payload[: COUNTS.itemsize] for payload in before]), COUNTS).copy()
    rows["counts"] += np.add.reduceat(groups["counts"], heads, axis=0)
    rows["by_exposure"] += np.add.reduceat(groups["by_exposure"], heads, axis=0)
    rows["clicked_by_exposure"] += np.add.reduceat(groups["clicked_by_exposure"], heads, axis=0)
    rows["users"] += np.add.reduceat(groups["first"][:, which::CAMPAIGN_FIRST], heads, axis=0)
    np.maximum(rows["fence"], np.maximum.reduceat(groups["fence"], heads, axis=0), out=rows["fence"])
    money = _money(groups, np.cumsum(first) - 1)
    data, size = rows.tobytes(), COUNTS.itemsize
    for k, window in enumerate(windows):
        yield window, data[k * size : (k + 1) * size] + _money_bytes(before[k], money.get(k))


def _money(groups: Rows, row_of: np.ndarray[Any, Any]) -> dict[int, list[tuple[int, int, int]]]:
    """Per row the (currency, value, cost) to add."""
    paid = np.flatnonzero(groups["currency"])
    added: dict[int, list[tuple[int, int, int]]] = {}
    columns = (row_of[paid], *(groups[name][paid] for name in ("currency", "value_minor", "cost_micros")))
    for k, currency, value, cost in zip(*(column.tolist() for column in columns), strict=True):
        added.setdefault(k, []).append((currency, value, cost))
    return added


def _money_bytes(before: bytes, added: list[tuple[int, int, int]] | None) -> bytes:
    if added is None:
        return before[COUNTS.itemsize :]
    money = _money_of(before)
    for currency, value, cost in added:
        old = money.get(currency, (0, 0))
        money[currency] = (sum_of(old[0], value), sum_of(old[1], cost))
    return b"".join(
        [_MONEY.pack(currency, *amounts) for currency, amounts in sorted(money.items()) if any(amounts)]
    )


def _money_of(payload: bytes) -> dict[int, tuple[int, int]]:
    return {
        currency: (value, cost) for currency, value, cost in _MONEY.iter_unpack(payload[COUNTS.itemsize :])
    }


def _empty() -> bytes:
    row = np.zeros(1, COUNTS)
    row["fence"] = -1
    return row.tobytes()


_EMPTY: Final = _empty()
