"""An exposure and all that followed it, as it is told once nothing can change it: its click window closed, or
the row had no room for it any more.

What counts as followed is a matter of event time alone: acts and conversions until its campaign's click
window closed (a day where clicks of the campaign earn nothing). What leaves the lists of acts and conversions
before that is kept with the exposure.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba.types import int64

from models.arrays import Rows
from models.earned.attribution import KNOWN_TYPE, Known
from models.earned.counters import Field
from models.earned.credit import NAMED, VIEW, earns_s
from models.earned.exposures import (
    EXPOSURES,
    HIDDEN,
    INVALID_CLICK,
    LIKED,
    MS,
    OURS,
    PARTIAL,
    REPORTED,
    SETTLED,
    WHAT,
    find_shown,
)
from models.earned.judging import CLICK_WINDOW_S, INVALID, shown_for_act
from models.earned.told import TOLD
from models.kernels.argument_types import read_only, rows
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part

_MOST_INVALID: Final = 31
_MOST_SALES: Final = 255
_CLICKS, _LIKES, _HIDES, _REPORTS = (
    int(each) for each in (Field.CLICKS, Field.LIKES, Field.HIDES, Field.REPORTS)
)


@part
def closes_s(ref, cell, ts):  # type: ignore[no-untyped-def]
    """When the click window of an exposure at `ts` closes."""
    window_s = earns_s(ref.earns_campaign, ref.earns_click_s, cell)
    return np.int64(ts) + (window_s if window_s else CLICK_WINDOW_S)


@part
def fill_told(x, k, user, ref, clock_s, told):  # type: ignore[no-untyped-def]
    """Fill `told` with exposure k of a row."""
    until = closes_s(ref, x.shown_cell[k], x.shown_ts[k])
    told.user, told.imp, told.creative, told.cell = user, x.shown_imp[k], x.shown_creative[k], x.shown_cell[k]
    told.ts_ms = np.int64(x.shown_ts[k]) * 1000 + (x.shown_ms[k] & MS)
    told.micros, told.currency, told.flags = x.shown_micros[k], x.shown_currency[k], x.shown_flags[k]
    told.context, told.acts = x.shown_context[k], x.shown_acts[k] & (LIKED | HIDDEN | REPORTED)
    told.invalid_clicks = x.shown_acts[k] // INVALID_CLICK
    told.click_after_s = -1
    if 0 < x.shown_click_ts[k] <= until:
        told.click_after_s = max(np.int64(x.shown_click_ts[k]) - np.int64(x.shown_ts[k]), 0)
    told.closed = until <= clock_s
    for j in range(np.int64(x.n_acts)):
        if x.act_ts[j] <= until and _is_of(x, j, k):
            _tell_act(x, k, j, told)
    told.sales, told.paid[0], told.value[0] = x.shown_sales[k], x.shown_paid[k], x.shown_value[k]
    n = 1
    for j in range(np.int64(x.n_sales)):
        if x.sale_touch[j] and x.sale_ts[j] <= until and x.sale_cell[j] == x.shown_cell[k]:
            touch = (x.sale_touch[j], x.sale_touch_ts[j])
            if shown_of_touch(x, x.sale_cell[j], touch, x.sale_name[j]) == k:
                told.sales += 1
                told.paid[n], told.value[n] = x.sale_currency[j], x.sale_value[j]
                n += 1
    for j in range(n, len(told.paid)):
        told.paid[j], told.value[j] = 0, 0


@part
def _is_of(x, j, k):  # type: ignore[no-untyped-def]
    """Whether act j belongs to exposure k."""
    if x.act_imp[j] and x.act_imp[j] != x.shown_imp[k]:
        return False
    return shown_for_act(x, j) == k


@part
def _tell_act(x, k, j, told):  # type: ignore[no-untyped-def]
    field = np.int64(x.act_field[j])
    if field & WHAT != _CLICKS:
        told.acts |= reaction(field & WHAT)
    elif field & INVALID:
        told.invalid_clicks += 1
    elif told.click_after_s < 0:
        told.click_after_s = max(np.int64(x.act_ts[j]) - np.int64(x.shown_ts[k]), 0)


@part
def reaction(what):  # type: ignore[no-untyped-def]
    """The bit that keeps a reaction."""
    if what == _LIKES:
        return LIKED
    return HIDDEN if what == _HIDES else REPORTED if what == _REPORTS else 0


@part
def shown_of_touch(x, cell, touch, named):  # type: ignore[no-untyped-def]
    """Index of the exposure that a conversion is credited to, -1 not kept. `touch`: (Touch, s)."""
    kind, at = touch
    if kind == NAMED:
        k = find_shown(x, named)
        if k >= 0:
            return k
    if kind != VIEW:
        for j in range(np.int64(x.n_acts)):
            if x.act_ts[j] == at and x.act_cell[j] == cell and x.act_field[j] & WHAT == _CLICKS:
                k = shown_for_act(x, j)
                if k >= 0:
                    return k
        for k in range(np.int64(x.n_shown)):
            if x.shown_click_ts[k] == at and x.shown_cell[k] == cell:
                return k
    if kind in (VIEW, NAMED):
        for k in range(np.int64(x.n_shown) - 1, -1, -1):
            if x.shown_ts[k] == at and x.shown_cell[k] == cell:
                return k
    return -1


@part
def keep_act(x, place, ts, field, ref):  # type: ignore[no-untyped-def]
    """An act leaves the list: its exposure, `place`, keeps what it said."""
    if place < 0:
        return
    what = np.int64(field) & WHAT
    if what == _CLICKS and field & INVALID == 0:
        if x.shown_click_ts[place] == 0:
            x.shown_click_ts[place] = ts
    elif ts <= closes_s(ref, x.shown_cell[place], x.shown_ts[place]):
        if what != _CLICKS:
            x.shown_acts[place] |= reaction(what)
        elif x.shown_acts[place] // INVALID_CLICK < _MOST_INVALID:
            x.shown_acts[place] += INVALID_CLICK


@part
def keep_sale(x, place, ts, money, ref):  # type: ignore[no-untyped-def]
    """A conversion leaves the list: its exposure keeps it. `money`: (value, currency)."""
    if place < 0 or ts > closes_s(ref, x.shown_cell[place], x.shown_ts[place]):
        return
    value, currency = money
    other = value != 0 and x.shown_value[place] != 0 and x.shown_paid[place] != currency
    if other or x.shown_sales[place] == _MOST_SALES:
        x.shown_flags[place] |= PARTIAL
        return
    x.shown_sales[place] += 1
    if value:
        x.shown_value[place] += value
        x.shown_paid[place] = currency


@kernel(rows(EXPOSURES), KNOWN_TYPE, int64, rows(TOLD))
def _settle(exposures, ref, clock_s, told):  # type: ignore[no-untyped-def]
    exposures, ref, told = borrowed(exposures), borrowed(ref), borrowed(told)
    n = 0
    for user in range(len(exposures)):
        x = exposures[user]
        for k in range(np.int64(x.n_shown)):
            if is_exposure_due(x, k, ref, clock_s):
                fill_told(x, k, user, ref, clock_s, told[n])
                x.shown_flags[k] |= SETTLED
                n += 1
    return n


@part
def is_exposure_due(x, k, ref, clock_s):  # type: ignore[no-untyped-def]
    """Whether an exposure of ours is over and not told of yet."""
    if x.shown_flags[k] & (OURS | SETTLED) != OURS:
        return False
    return closes_s(ref, x.shown_cell[k], x.shown_ts[k]) <= clock_s


@kernel(read_only(rows(EXPOSURES)), KNOWN_TYPE, int64)
def _count_due(exposures, ref, clock_s):  # type: ignore[no-untyped-def]
    exposures, ref = borrowed(exposures), borrowed(ref)
    found = np.zeros(len(exposures), np.int64)
    for user in range(len(exposures)):
        x = exposures[user]
        for k in range(np.int64(x.n_shown)):
            found[user] += is_exposure_due(x, k, ref, clock_s)
    return found


def count_due(exposures: Rows, ref: Known, clock_s: int) -> Any:
    """How many exposures each row (n,) can settle at event time `clock_s`; int64 (n,)."""
    return _count_due(exposures, ref, clock_s)


def settle_due(exposures: Rows, ref: Known, clock_s: int) -> Rows:
    """Settle what is over in rows x, in place. Returns TOLD (k,), each once: `user` is the row's index."""
    n = int(_count_due(exposures, ref, clock_s).sum())
    told = np.zeros(n, TOLD)
    _settle(exposures, ref, clock_s, told)
    return told
