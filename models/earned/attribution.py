"""Where a click, a reaction or a conversion belongs, given what row `x` holds now; and the counter deltas of
moving it there.

Touch of a conversion: the impression it names; else the latest exposure or attributed click before it within
the attribution window.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import typeof
from numba.types import int64
from numpy.typing import NDArray

from models.arrays import Rows
from models.earned.counters import DELTA, Field
from models.earned.exposures import ATTRIBUTED, find_live, find_shown
from models.kernels.argument_types import named_tuple, rows, vector
from models.kernels.compiled import part

CLICK_WINDOW_S: Final = 86_400
"""A click is moved to its impression when they are at most this far apart."""

_CLICKS, _SALES = int(Field.CLICKS), int(Field.CONVERSIONS)


class Known(NamedTuple):
    """Reference data of the joins. Shared creatives sorted by number; caps sorted by campaign."""

    shared_creative: NDArray[np.uint64]
    shared_cell: NDArray[np.uint64]
    cap_campaign: NDArray[np.uint64]  # the top 28 bits of the campaign's cells
    cap_n: NDArray[np.int64]
    cap_per_s: NDArray[np.int64]  # 0 = lifetime
    cap_creative: NDArray[np.bool_]  # counted per creative, else per campaign
    attribution_s: int


def known(
    shared: dict[int, int], caps: list[tuple[int, int, int, bool]], attribution_s: int = 30 * 86_400
) -> Known:
    """From {creative: cell} and [(campaign bits, n, per_s, per creative)]."""
    creatives = np.array(sorted(shared), np.uint64)
    caps = sorted(caps)
    return Known(
        creatives,
        np.array([shared[int(c)] for c in creatives], np.uint64),
        np.array([c[0] for c in caps], np.uint64),
        np.array([c[1] for c in caps], np.int64),
        np.array([c[2] for c in caps], np.int64),
        np.array([c[3] for c in caps], np.bool_),
        attribution_s,
    )


KNOWN_TYPE: Final = typeof(known({}, []))
"""As an argument of kernels."""


class Joined(NamedTuple):
    """What joins put out: deltas (k,) of dtype DELTA, indices of impressions that reached a cap (n,), and
    their numbers (6,): how many were EVICTED ... N_CAPPED."""

    deltas: Rows
    capped: NDArray[np.int64]
    numbers: NDArray[np.int64]


EVICTED, FOUND, NOWHERE, MOVED, N_DELTAS, N_CAPPED = range(6)
JOINED_TYPE: Final = named_tuple(Joined, rows(DELTA), vector(int64), vector(int64))
"""As an argument of kernels."""
NO_MONEY: Final = (0, 0, 0)


@part
def emit(out, key, cell, ts, field, sign, money):  # type: ignore[no-untyped-def]
    """One delta. `key`: (source, offset) of its event; `money`: (nth, currency, value)."""
    d = out.deltas[out.numbers[N_DELTAS]]
    d.cell, d.ts, d.field, d.sign, d.nth, d.currency = cell, ts, field, sign, money[0], money[1]
    d.value, d.source, d.offset = money[2] * sign, key[0], key[1]
    out.numbers[N_DELTAS] += 1


@part
def _shared_cell(ref, creative):  # type: ignore[no-untyped-def]
    k = np.searchsorted(ref.shared_creative, creative)
    if k < len(ref.shared_creative) and ref.shared_creative[k] == creative:
        return ref.shared_cell[k]
    return np.uint64(0)


@part
def creative_cell(x, creative, ref):  # type: ignore[no-untyped-def]
    """What a creative counts for, 0 unknown."""
    if creative == 0:
        return np.uint64(0)
    k = find_live(x, creative)
    return x.live_cell[k] if k >= 0 else _shared_cell(ref, creative)


@part
def act_cell(x, ts, imp, creative, ref):  # type: ignore[no-untyped-def]
    """Where a click, like, hide or report belongs: its impression, else its creative; 0 = nowhere yet."""
    k = find_shown(x, imp)
    if k >= 0 and abs(np.int64(x.shown_ts[k]) - np.int64(ts)) <= CLICK_WINDOW_S:
        return x.shown_cell[k]
    cell = creative_cell(x, creative, ref)
    if cell or creative == 0:
        return cell
    for k in range(np.int64(x.n_shown) - 1, -1, -1):
        if x.shown_creative[k] == creative and abs(np.int64(x.shown_ts[k]) - np.int64(ts)) <= CLICK_WINDOW_S:
            return x.shown_cell[k]
    return np.uint64(0)


@part
def touch_of(x, ts, imp, ref):  # type: ignore[no-untyped-def]
    """(cell, ts) of the touch a conversion belongs to; cell 0 = none."""
    cell, touch_ts = np.uint64(0), np.int64(0)
    if imp:
        k = find_shown(x, imp)
        return (x.shown_cell[k], np.int64(x.shown_ts[k])) if k >= 0 else (cell, touch_ts)
    first = np.int64(ts) - ref.attribution_s
    for k in range(np.int64(x.n_shown)):
        at = np.int64(x.shown_ts[k])
        if (
            x.shown_cell[k]
            and first <= at <= ts
            and (at > touch_ts or (at == touch_ts and x.shown_cell[k] > cell))
        ):
            cell, touch_ts = x.shown_cell[k], at
    for k in range(np.int64(x.n_acts)):
        at = np.int64(x.act_ts[k])
        if (
            x.act_field[k] == ATTRIBUTED | _CLICKS
            and first <= at <= ts
            and (at > touch_ts or (at == touch_ts and x.act_cell[k] > cell))
        ):
            cell, touch_ts = x.act_cell[k], at
    for k in range(np.int64(x.n_clicks)):
        at = np.int64(x.click_ts[k])
        if first <= at <= ts and (at > touch_ts or (at == touch_ts and x.click_cell[k] > cell)):
            cell, touch_ts = x.click_cell[k], at
    return cell, touch_ts


@part
def settle(x, key, ref, out):  # type: ignore[no-untyped-def]
    """Move acts and conversions to where they belong now."""
    for k in range(np.int64(x.n_acts)):
        cell = act_cell(x, x.act_ts[k], x.act_imp[k], x.act_creative[k], ref)
        if cell and cell != x.act_cell[k]:
            field = x.act_field[k] & 127
            emit(out, key, x.act_cell[k], x.act_ts[k], field, -1, NO_MONEY)
            emit(out, key, cell, x.act_ts[k], field, 1, NO_MONEY)
            x.act_cell[k] = cell
            out.numbers[MOVED] += 1
        if cell:
            x.act_field[k] |= ATTRIBUTED
    for k in range(np.int64(x.n_sales)):
        cell, touch_ts = touch_of(x, np.int64(x.sale_ts[k]), x.sale_imp[k], ref)
        if cell and touch_ts >= x.sale_touch_ts[k]:
            if cell != x.sale_cell[k]:
                money = (0, x.sale_currency[k], x.sale_value[k])
                emit(out, key, x.sale_cell[k], x.sale_ts[k], _SALES, -1, money)
                emit(out, key, cell, x.sale_ts[k], _SALES, 1, money)
                x.sale_cell[k] = cell
                out.numbers[MOVED] += 1
            x.sale_touch_ts[k] = touch_ts
