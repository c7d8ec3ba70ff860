"""What a user did, in row `x`: clicks and reactions, attributed clicks that stay touches, conversions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.earned.counters import Field
from models.earned.exposures import ACTS, ATTRIBUTED, CLICKED, CONVERSIONS, WHAT
from models.earned.judging import shown_for, shown_for_act
from models.earned.settled import keep_act, keep_sale, shown_of_touch
from models.kernels.compiled import part

_STARTS: Final = int(Field.STARTS)
_EARNED_CLICK: Final = ATTRIBUTED | int(Field.CLICKS)


@part
def add_act(x, at, act_id, imp, creative, cell, field, ref):  # type: ignore[no-untyped-def]
    """Keep a click, like, hide or report; `at`: (s, ms). Returns how many were evicted: the oldest attributed
    one, else the oldest. What is evicted is final and stays with its exposure, an attributed click also as a
    touch."""
    ts, ms = at
    n, evicted = np.int64(x.n_acts), 0
    if n == ACTS:
        evicted = 1
        victim = _settled_act(x, ts, field)
        if victim < 0:
            keep_act(x, shown_for(x, ts, ms, imp, creative), ts, field, ref)
            _keep_click(x, ts, act_id, cell, field)
            return evicted
        keep_act(x, shown_for_act(x, victim), x.act_ts[victim], x.act_field[victim], ref)
        _keep_click(x, x.act_ts[victim], x.act_id[victim], x.act_cell[victim], x.act_field[victim])
        for j in range(victim, n - 1):
            _copy_act(x, j + 1, j)
        n -= 1
    k = n
    while k > 0 and _act_after(x, k - 1, at, imp, creative, field):
        _copy_act(x, k - 1, k)
        k -= 1
    x.act_ts[k], x.act_ms[k], x.act_id[k], x.act_imp[k], x.act_creative[k] = ts, ms, act_id, imp, creative
    x.act_cell[k], x.act_field[k] = cell, field
    x.n_acts = n + 1
    return evicted


@part
def _keep_click(x, ts, act_id, cell, field):  # type: ignore[no-untyped-def]
    """Of more than CLICKED the oldest goes."""
    if field != _EARNED_CLICK:
        return
    n: Any = np.int64(x.n_clicks)
    if n == CLICKED:
        if ts < x.click_ts[0] or (ts == x.click_ts[0] and cell < x.click_cell[0]):
            return
        for j in range(n - 1):
            _copy_click(x, j + 1, j)
        n -= 1
    k = n
    while k > 0 and (x.click_ts[k - 1] > ts or (x.click_ts[k - 1] == ts and x.click_cell[k - 1] > cell)):
        _copy_click(x, k - 1, k)
        k -= 1
    x.click_ts[k], x.click_id[k], x.click_cell[k] = ts, act_id, cell
    x.n_clicks = n + 1


@part
def _copy_click(x, a, b):  # type: ignore[no-untyped-def]
    x.click_ts[b], x.click_id[b], x.click_cell[b] = x.click_ts[a], x.click_id[a], x.click_cell[a]


@part
def _settled_act(x, ts, field):  # type: ignore[no-untyped-def]
    """Which entry of a full list makes room for an act at `ts`; -1 = that act itself does. How far a clip was
    played earns nothing: that goes first."""
    if field & WHAT >= _STARTS:
        return -1
    for k in range(ACTS):
        if x.act_field[k] & WHAT >= _STARTS:
            return k
    for k in range(ACTS):
        if x.act_field[k] & ATTRIBUTED:
            return -1 if field & ATTRIBUTED and ts < x.act_ts[k] else k
    return -1 if field & ATTRIBUTED or ts < x.act_ts[0] else 0


@part
def _act_after(x, k, at, imp, creative, field):  # type: ignore[no-untyped-def]
    """Whether entry k sorts after the given one: by time, then by what it names."""
    if x.act_ts[k] != at[0]:
        return x.act_ts[k] > at[0]
    if x.act_ms[k] != at[1]:
        return x.act_ms[k] > at[1]
    if x.act_imp[k] != imp:
        return x.act_imp[k] > imp
    if x.act_creative[k] != creative:
        return x.act_creative[k] > creative
    return (x.act_field[k] & WHAT) > (field & WHAT)


@part
def _copy_act(x, a, b):  # type: ignore[no-untyped-def]
    x.act_ts[b], x.act_id[b], x.act_imp[b], x.act_creative[b], x.act_cell[b], x.act_field[b] = (
        x.act_ts[a], x.act_id[a], x.act_imp[a], x.act_creative[a], x.act_cell[a], x.act_field[a],
    )  # fmt: skip
    x.act_ms[b] = x.act_ms[a]


@part
def add_sale(x, ts, money, named, order, credit, ref):  # type: ignore[no-untyped-def]
    """Keep a conversion. `money`: (value, currency); `credit`: (cell, Touch, ts). Returns how many were
    evicted; those stay with the exposure that they are credited to."""
    evicted = 0
    n: Any = np.int64(x.n_sales)
    if n == CONVERSIONS:
        evicted = 1
        if ts < x.sale_ts[0]:
            _keep_sale(x, ts, money, named, credit, ref)
            return evicted
        first = (x.sale_cell[0], np.int64(x.sale_touch[0]), np.int64(x.sale_touch_ts[0]))
        _keep_sale(x, x.sale_ts[0], (x.sale_value[0], x.sale_currency[0]), x.sale_name[0], first, ref)
        for j in range(n - 1):
            _copy_sale(x, j + 1, j)
        n -= 1
    k = n
    while k > 0 and x.sale_ts[k - 1] > ts:
        _copy_sale(x, k - 1, k)
        k -= 1
    x.sale_ts[k], x.sale_value[k], x.sale_currency[k] = ts, money[0], money[1]
    x.sale_name[k], x.sale_order[k] = named, order
    x.sale_cell[k], x.sale_touch[k], x.sale_touch_ts[k] = credit
    x.n_sales = n + 1
    return evicted


@part
def _keep_sale(x, ts, money, named, credit, ref):  # type: ignore[no-untyped-def]
    cell, touch, touch_ts = credit
    if touch:
        keep_sale(x, shown_of_touch(x, cell, (touch, touch_ts), named), ts, money, ref)


@part
def _copy_sale(x, a, b):  # type: ignore[no-untyped-def]
    x.sale_ts[b], x.sale_value[b], x.sale_currency[b] = x.sale_ts[a], x.sale_value[a], x.sale_currency[a]
    x.sale_name[b], x.sale_order[b], x.sale_cell[b] = x.sale_name[a], x.sale_order[a], x.sale_cell[a]
    x.sale_touch[b], x.sale_touch_ts[b] = x.sale_touch[a], x.sale_touch_ts[a]
