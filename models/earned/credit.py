"""What a conversion is credited to, given what row `x` holds now; and the counter deltas of moving it there.

- What the producer names: its impression or click. It stays uncredited until that is known.
- Invalid clicks and what a bot was shown earn nothing.
- Else the latest attributed click before it in whose campaign's click window it lies.
- Else the latest view before it in whose campaign's view window it lies.
- A return, whose value is negative, goes where a sale of its order went and moves with it. Without an order
  it goes to what it names. It is never credited to a touch that it merely follows.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np

from models.earned.attribution import MOVED, NO_MONEY, act_cell, emit
from models.earned.counters import NOBODYS_CELL, Field
from models.earned.exposures import ATTRIBUTED, BOT, BOT_ACT, CAMPAIGN_SHIFT, UNFIT, WHAT, find_shown
from models.earned.judging import counted_field, judged_act
from models.kernels.compiled import part


class Touch(IntEnum):
    """What a conversion is credited to; the higher wins, then the later."""

    NONE = 0
    VIEW = 1
    CLICK = 2
    NAMED = 3


NONE, VIEW, CLICK, NAMED = (int(each) for each in Touch)
_SALES: Final = int(Field.CONVERSIONS)
_INVALID_CLICKS: Final = int(Field.INVALID_CLICKS)
_EARNED_CLICK: Final = ATTRIBUTED | int(Field.CLICKS)
_NAMEABLE: Final = ATTRIBUTED | BOT_ACT | UNFIT | WHAT
"""Bits that say whether a click earns what names it: also one that repeats another, as in a double click."""


@part
def touch_of(x, ts, named, order, value, ref):  # type: ignore[no-untyped-def]
    """(cell, Touch, ts) of what a conversion is credited to; cell 0 = nothing."""
    if value < 0 and order:
        return _touch_of_order(x, order)
    if named:
        return _named(x, named)
    if value < 0:
        return _nothing()
    found = _latest_click(x, ts, ref)
    if found[0] == 0:
        found = _latest_view(x, ts, ref)
    return found if found[0] else _nothing()


@part
def _nothing():  # type: ignore[no-untyped-def]
    return np.uint64(0), np.int64(NONE), np.int64(0)


@part
def _touch_of_order(x, order):  # type: ignore[no-untyped-def]
    """That of the order's sale with the best touch."""
    best = _nothing()
    for k in range(np.int64(x.n_sales)):
        if x.sale_order[k] == order and x.sale_value[k] >= 0 and x.sale_touch[k]:
            touch, at = np.int64(x.sale_touch[k]), np.int64(x.sale_touch_ts[k])
            if (touch, at, x.sale_cell[k]) > (best[1], best[2], best[0]):
                best = x.sale_cell[k], touch, at
    return best


@part
def _named(x, named):  # type: ignore[no-untyped-def]
    k = find_shown(x, named)
    if k >= 0:
        return _nothing() if x.shown_flags[k] & BOT else _shown(x, k)
    click = np.uint32(named & np.uint64(0xFFFFFFFF))
    for k in range(np.int64(x.n_acts)):
        if x.act_id[k] == click and x.act_field[k] & _NAMEABLE == _EARNED_CLICK:
            return x.act_cell[k], np.int64(NAMED), np.int64(x.act_ts[k])
    for k in range(np.int64(x.n_clicks)):
        if x.click_id[k] == click:
            return x.click_cell[k], np.int64(NAMED), np.int64(x.click_ts[k])
    return _nothing()


@part
def _shown(x, k):  # type: ignore[no-untyped-def]
    return x.shown_cell[k], np.int64(NAMED), np.int64(x.shown_ts[k])


@part
def earns_s(own, windows, cell):  # type: ignore[no-untyped-def]
    """The window of a cell's campaign: `windows` are those of the campaigns `own`, then everybody else's."""
    n = len(own)
    if n == 0:
        return windows[0]
    campaign = cell >> np.uint64(CAMPAIGN_SHIFT)
    k = np.searchsorted(own, campaign)
    return windows[k] if k < n and own[k] == campaign else windows[n]


@part
def _latest_click(x, ts, ref):  # type: ignore[no-untyped-def]
    """The latest before `ts` that still earns; of two in one second that of the higher cell. A window of 0
    earns nothing."""
    own, windows = ref.earns_campaign, ref.earns_click_s
    cell, latest = np.uint64(0), np.int64(0)
    for k in range(np.int64(x.n_acts) - 1, -1, -1):
        at, of = np.int64(x.act_ts[k]), x.act_cell[k]
        if at < latest:
            break
        if at <= ts and x.act_field[k] == _EARNED_CLICK and (at > latest or of > cell):
            window_s = earns_s(own, windows, of)
            if window_s and ts - at <= window_s:
                cell, latest = of, at
    for k in range(np.int64(x.n_clicks) - 1, -1, -1):
        at, of = np.int64(x.click_ts[k]), x.click_cell[k]
        if at < latest:
            break
        if at <= ts and (at > latest or of > cell):
            window_s = earns_s(own, windows, of)
            if window_s and ts - at <= window_s:
                cell, latest = of, at
    return cell, np.int64(CLICK), latest


@part
def _latest_view(x, ts, ref):  # type: ignore[no-untyped-def]
    """As the latest click."""
    own, windows = ref.earns_campaign, ref.earns_view_s
    cell, latest = np.uint64(0), np.int64(0)
    for k in range(np.int64(x.n_shown) - 1, -1, -1):
        at, of = np.int64(x.shown_ts[k]), x.shown_cell[k]
        if at < latest:
            break
        if of and at <= ts and (at > latest or of > cell) and x.shown_flags[k] & BOT == 0:
            window_s = earns_s(own, windows, of)
            if window_s and ts - at <= window_s:
                cell, latest = of, at
    return cell, np.int64(VIEW), latest


@part
def may_move(x, ts, imp, creative):  # type: ignore[no-untyped-def]
    """Whether an impression that came can move anything: what names it or its creative, what came after
    it."""
    may = False
    for k in range(np.int64(x.n_acts)):
        may |= x.act_imp[k] == imp or (creative != 0 and x.act_creative[k] == creative)
    for k in range(np.int64(x.n_sales)):
        may |= x.sale_name[k] == imp or np.int64(x.sale_ts[k]) >= ts
    return may


@part
def settle(x, key, ref, out):  # type: ignore[no-untyped-def]
    """Move acts and conversions to where they belong now; judge clicks again."""
    for k in range(np.int64(x.n_acts)):
        cell = act_cell(x, x.act_ts[k], x.act_imp[k], x.act_creative[k], ref)
        before, field = counted_field(x.act_field[k]), judged_act(x, k, ref)
        if cell:
            field |= ATTRIBUTED
        else:
            cell = x.act_cell[k]
        moved = cell != x.act_cell[k] or counted_field(field) != before
        unfit = field & UNFIT != 0 and x.act_field[k] & UNFIT == 0
        if unfit or (moved and counted_field(field) == _INVALID_CLICKS):
            _uncredit(x, k, field, key, out)
        if moved:
            emit(out, key, x.act_cell[k], x.act_ts[k], before, -1, NO_MONEY)
            emit(out, key, cell, x.act_ts[k], counted_field(field), 1, NO_MONEY)
            out.numbers[MOVED] += cell != x.act_cell[k]
        x.act_cell[k], x.act_field[k] = cell, field
    settle_sales(x, key, ref, out)


@part
def _uncredit(x, k, field, key, out):  # type: ignore[no-untyped-def]
    """Click k does not count after all, as `field` says: what it earned is nobody's, until it is credited
    anew. One that repeats another goes on earning what names it."""
    for j in range(np.int64(x.n_sales)):
        touch, named = x.sale_touch[j], np.uint32(x.sale_name[j] & np.uint64(0xFFFFFFFF)) == x.act_id[k]
        by_name = touch == NAMED and field & UNFIT and (named or x.sale_value[j] < 0)
        same = x.sale_touch_ts[j] == x.act_ts[k] and x.sale_cell[j] == x.act_cell[k]
        if same and (touch == CLICK or by_name):
            money = (0, x.sale_currency[j], x.sale_value[j])
            emit(out, key, x.sale_cell[j], x.sale_ts[j], _SALES, -1, money)
            emit(out, key, np.uint64(NOBODYS_CELL), x.sale_ts[j], _SALES, 1, money)
            x.sale_cell[j], x.sale_touch[j], x.sale_touch_ts[j] = NOBODYS_CELL, NONE, 0
            out.numbers[MOVED] += 1


@part
def settle_sales(x, key, ref, out):  # type: ignore[no-untyped-def]
    """Sales first, then the returns that follow them. What was evicted meanwhile takes nothing back: only a
    touch as good as the one before moves a conversion."""
    for returned in (False, True):
        for k in range(np.int64(x.n_sales)):
            if (x.sale_value[k] < 0) == returned:
                _settle_sale(x, k, key, ref, out)


@part
def _settle_sale(x, k, key, ref, out):  # type: ignore[no-untyped-def]
    value = x.sale_value[k]
    cell, touch, at = touch_of(x, np.int64(x.sale_ts[k]), x.sale_name[k], x.sale_order[k], value, ref)
    if cell == 0 or (touch, at) < (np.int64(x.sale_touch[k]), np.int64(x.sale_touch_ts[k])):
        return
    if cell != x.sale_cell[k]:
        money = (0, x.sale_currency[k], value)
        emit(out, key, x.sale_cell[k], x.sale_ts[k], _SALES, -1, money)
        emit(out, key, cell, x.sale_ts[k], _SALES, 1, money)
        x.sale_cell[k] = cell
        out.numbers[MOVED] += 1
    x.sale_touch[k], x.sale_touch_ts[k] = touch, at
