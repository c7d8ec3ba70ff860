"""What is counted of a showing: impression and view, whether it is the user's first of its cell and campaign
in a window, and whether it was clicked.

All are functions of the exposures and acts that row `x` holds. Where exposures of a window were evicted
nobody knows whether one came first, and none is counted: users are never more than there were, and exact for
everybody with fewer exposures in the window than the row holds. Which of its cells counts a campaign's user
depends on the order of events; how many a campaign has does not.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from models.earned.attribution import N_DELTAS, NO_MONEY, emit
from models.earned.counters import CAMPAIGN_FIRST, WINDOWS_S, Field
from models.earned.exposures import BOT, CAMPAIGN_SHIFT, CLICK_COUNTED, NTH, VIEWED
from models.earned.judging import counted_field, shown_for_act
from models.kernels.compiled import part

_MINUTE_S, _HOUR_S, _DAY_S, _ = WINDOWS_S
_ALL: Final = (1 << CAMPAIGN_FIRST) - 1
_IMPRESSIONS, _VIEWS = int(Field.IMPRESSIONS), int(Field.VIEWABLE)
_CLICKS, _CLICKED = int(Field.CLICKS), int(Field.CLICKED)
_INVALID_SHOWN: Final = int(Field.INVALID_IMPRESSIONS)


@part
def emit_shown(x, cell, ts, flags, key, money, out):  # type: ignore[no-untyped-def]
    """An impression that is not in the list yet counts for `cell`; those of bots apart, without their
    cost."""
    if flags & BOT:
        emit(out, key, cell, ts, _INVALID_SHOWN, 1, NO_MONEY)
        return
    emit(out, key, cell, ts, _IMPRESSIONS, 1, money)
    known = _windows_known(x, ts)
    if known:  # else nobody knows whether it is a first one
        of_cell, of_campaign = _windows_with(x, cell, ts, -1)
        _set_first(out, known & ~of_cell, known & ~of_campaign)


@part
def emit_moved(x, k, cell, key, out):  # type: ignore[no-untyped-def]
    """The exposure at `k` counts for `cell` instead of where it did, 0 = nowhere; the row still says where.

    A user who has no other exposure there leaves, seen to have been counted or not: rather one too few.
    """
    ts, flags, old = np.int64(x.shown_ts[k]), x.shown_flags[k], x.shown_cell[k]
    money = (flags & NTH, x.shown_currency[k], np.int64(x.shown_micros[k]))
    known, every = _windows_known(x, ts), np.int64(_ALL)
    stays = old >> np.uint64(CAMPAIGN_SHIFT) == cell >> np.uint64(CAMPAIGN_SHIFT)
    for place, sign in ((old, -1), (cell, 1)):
        if place == 0:
            continue
        if flags & BOT:
            emit(out, key, place, ts, _INVALID_SHOWN, sign, NO_MONEY)
            continue
        emit(out, key, place, ts, _IMPRESSIONS, sign, money)
        of_cell, of_campaign = _windows_with(x, place, ts, k)
        sure = every if sign < 0 else known
        _set_first(out, sure & ~of_cell, (known if stays else sure) & ~of_campaign)
        if flags & VIEWED:
            emit(out, key, place, ts, _VIEWS, sign, NO_MONEY)
        if x.shown_ms[k] & CLICK_COUNTED:
            emit(out, key, place, ts, _CLICKED, sign, (flags & NTH, 0, 0))


@part
def recount_clicked(x, key, out):  # type: ignore[no-untyped-def]
    """Count exposures that are clicked now, in their own windows, and uncount those that no longer are."""
    clicked = np.int64(0)
    for j in range(np.int64(x.n_acts)):
        if counted_field(x.act_field[j]) == _CLICKS:
            k = shown_for_act(x, j)
            if k >= 0:
                clicked |= np.int64(1) << k
    for k in range(np.int64(x.n_shown)):
        now = x.shown_click_ts[k] > 0 or clicked >> k & 1 == 1
        if now == (x.shown_ms[k] & CLICK_COUNTED > 0):
            continue
        x.shown_ms[k] ^= CLICK_COUNTED
        if x.shown_cell[k]:
            sign = 1 if now else -1
            emit(out, key, x.shown_cell[k], x.shown_ts[k], _CLICKED, sign, (x.shown_flags[k] & NTH, 0, 0))


@part
def _set_first(out, of_cell, of_campaign):  # type: ignore[no-untyped-def]
    out.deltas[out.numbers[N_DELTAS] - 1].first = of_cell | of_campaign << CAMPAIGN_FIRST


@part
def _windows_with(x, cell, ts, own):  # type: ignore[no-untyped-def]
    """Windows at `ts` (bits) that hold an exposure of the cell, and of its campaign, other than that at
    `own`."""
    of_cell, of_campaign = np.int64(0), np.int64(0)
    campaign = cell >> np.uint64(CAMPAIGN_SHIFT)
    minute, hour, day = ts - ts % _MINUTE_S, ts - ts % _HOUR_S, ts - ts % _DAY_S
    for k in range(np.int64(x.n_shown)):
        other, at = x.shown_cell[k], np.int64(x.shown_ts[k])
        if k == own or other >> np.uint64(CAMPAIGN_SHIFT) != campaign or other == 0 or x.shown_flags[k] & BOT:
            continue
        shared = np.int64(8)
        shared |= (day <= at < day + _DAY_S) << 2
        shared |= (hour <= at < hour + _HOUR_S) << 1
        shared |= np.int64(minute <= at < minute + _MINUTE_S)
        of_campaign |= shared
        if other == cell:
            of_cell |= shared
    return of_cell, of_campaign


@part
def _windows_known(x, ts):  # type: ignore[no-untyped-def]
    """Windows at `ts` of which the list has lost nothing."""
    lost = np.int64(x.shown_lost_s)
    if lost == 0:
        return np.int64(_ALL)
    known = np.int64(0)
    if lost < ts - ts % _MINUTE_S:
        known |= np.int64(1)
    if lost < ts - ts % _HOUR_S:
        known |= np.int64(2)
    if lost < ts - ts % _DAY_S:
        known |= np.int64(4)
    return known
