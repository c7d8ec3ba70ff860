"""What is counted of a showing: impression and view, whether it is the user's first of its cell and campaign
in a window, and whether it was clicked.

Row `x` holds the last exposures and, far longer, when each cell and campaign was shown last
(models/earned/met.py). Where neither says whether one came first, none is counted, and that is told: users
are never more than there were, and exact for everybody with at most MET cells and campaigns in the window,
but for what comes later than exposures that left the row. Which of its cells counts a campaign's user depends
on the order of events; how many a campaign has does not.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.earned.attribution import N_DELTAS, NO_MONEY, UNSURE_USERS, emit
from models.earned.counters import CAMPAIGN_FIRST, WINDOWS_S, Field
from models.earned.exposures import BOT, CAMPAIGN_SHIFT, CLICK_COUNTED, NTH, VIEWED, find_live
from models.earned.judging import counted_field, shown_for_act
from models.earned.met import campaign_of, leave, meet, none_if_zero
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
    of_cell, of_campaign = _windows_with(x, cell, ts, -1)
    first_of_campaign = _first_windows(x, meet(x, campaign_of(cell), ts)[0], ts, of_campaign)
    since, met = meet(x, cell, ts)
    first = _first_windows(x, since, ts, of_cell)
    _set_first(out, first, first_of_campaign)
    sure = first | of_cell
    if sure != _ALL and (not met or sure | _windows_holding(since, ts) != _ALL):
        out.numbers[UNSURE_USERS] += 1


@part
def emit_moved(x, k, cell, key, out):  # type: ignore[no-untyped-def]
    """The exposure at `k` counts for `cell` instead of where it did, 0 = nowhere; the row still says where.

    A user who has no other exposure there leaves, seen to have been counted or not: rather one too few.
    """
    ts, flags, old = np.int64(x.shown_ts[k]), x.shown_flags[k], x.shown_cell[k]
    money = (flags & NTH, x.shown_currency[k], np.int64(x.shown_micros[k]))
    known = _windows_after(none_if_zero(x.shown_lost_s), ts)
    stays = old >> np.uint64(CAMPAIGN_SHIFT) == cell >> np.uint64(CAMPAIGN_SHIFT)
    for place, sign in ((old, -1), (cell, 1)):
        if place == 0:
            continue
        if flags & BOT:
            emit(out, key, place, ts, _INVALID_SHOWN, sign, NO_MONEY)
            continue
        emit(out, key, place, ts, _IMPRESSIONS, sign, money)
        of_cell, of_campaign = _windows_with(x, place, ts, k)
        first_of_campaign = np.int64(_ALL) & ~of_campaign
        if sign < 0:
            first = np.int64(_ALL) & ~of_cell
            leave(x, place, k, False)
            if not stays:
                leave(x, campaign_of(place), k, True)
        else:
            if not stays:
                first_of_campaign = _first_windows(x, meet(x, campaign_of(place), ts)[0], ts, of_campaign)
            first = _first_windows(x, meet(x, place, ts)[0], ts, of_cell)
        _set_first(out, first, known & ~of_campaign if stays else first_of_campaign)
        if flags & VIEWED:
            emit(out, key, place, ts, _VIEWS, sign, NO_MONEY)
        if x.shown_ms[k] & CLICK_COUNTED:
            emit(out, key, place, ts, _CLICKED, sign, (flags & NTH, 0, 0))


@part
def count_again(x, creative, at, imp, key, out):  # type: ignore[no-untyped-def]
    """A showing came late: each of its creative behind it, as far as they are kept, is one showing further
    than it was counted. `at`: s. Returns how many there are."""
    behind = 0
    for k in range(np.int64(x.n_shown)):
        nth, flags = np.int64(x.shown_flags[k] & NTH), np.int64(x.shown_flags[k])
        if x.shown_creative[k] != creative or not is_behind(x, k, at, imp):
            continue
        behind += 1
        if nth == NTH:
            continue
        x.shown_flags[k] = flags + 1
        if x.shown_cell[k] == 0 or flags & BOT:
            continue
        for showing, sign in ((nth, -1), (nth + 1, 1)):
            emit(out, key, x.shown_cell[k], x.shown_ts[k], _IMPRESSIONS, sign, (showing, 0, 0))
            if x.shown_ms[k] & CLICK_COUNTED:
                emit(out, key, x.shown_cell[k], x.shown_ts[k], _CLICKED, sign, (showing, 0, 0))
    return behind


@part
def is_behind(x, k, ts, imp):  # type: ignore[no-untyped-def]
    """Whether exposure k comes after one at `ts` (s)."""
    return x.shown_ts[k] > ts or (x.shown_ts[k] == ts and x.shown_imp[k] > imp)


@part
def showings_before(x, creative, ts, imp, key, out):  # type: ignore[no-untyped-def]
    """How often a creative was shown before: one of the user's own ever, another as far as exposures are
    kept. Those behind one that came late are counted again."""
    kept: Any = 0
    for k in range(np.int64(x.n_shown)):
        kept += x.shown_creative[k] == creative
    before: Any = kept
    live = find_live(x, creative)
    if live >= 0:
        before = np.int64(x.live_times[live])
        x.live_times[live] = min(before + 1, 65_535)
    if x.n_shown and is_behind(x, np.int64(x.n_shown) - 1, ts, imp):
        before -= count_again(x, creative, ts, imp, key, out)
    return max(before, 0)


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
def _first_windows(x, since, ts, held):  # type: ignore[no-untyped-def]
    """Windows at `ts` of which a showing is surely the first of a cell or campaign. `since`: as `meet` says;
    `held`: windows in which the list holds another one."""
    return (_windows_after(since, ts) | _windows_after(none_if_zero(x.shown_lost_s), ts)) & ~held


@part
def _windows_holding(since, ts):  # type: ignore[no-untyped-def]
    """Windows at `ts` that hold that time."""
    met = np.int64(_ALL) & ~_windows_after(since, ts)
    if since >= ts - ts % _MINUTE_S + _MINUTE_S:
        met &= ~np.int64(1)
    if since >= ts - ts % _HOUR_S + _HOUR_S:
        met &= ~np.int64(2)
    if since >= ts - ts % _DAY_S + _DAY_S:
        met &= ~np.int64(4)
    return met


@part
def _windows_after(since, ts):  # type: ignore[no-untyped-def]
    """Windows at `ts` that begin after a time; all of them after -1, never."""
    if since < 0:
        return np.int64(_ALL)
    after = np.int64(0)
    if since < ts - ts % _MINUTE_S:
        after |= np.int64(1)
    if since < ts - ts % _HOUR_S:
        after |= np.int64(2)
    if since < ts - ts % _DAY_S:
        after |= np.int64(4)
    return after
