"""What was shown meets what it earned: events change row `x` and yield counter deltas, in whatever order
their topics are read.

Nothing is decided for good while the row still holds it: an impression, click or creative that arrives later
may move a click or a conversion to another cell, which is one subtraction and one addition in the window
where it was counted. So the counters are a function of WHICH events arrived, not of their order (as long as
nothing was evicted).
Where something belongs: models/earned/attribution.py, models/earned/credit.py. An impression that names no
creative and no campaign is nobody of ours: it takes no place. A click that names no impression and no
creative can never belong anywhere: it is counted and not kept.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba.types import int64, uint64
from numpy.typing import NDArray

from models.arrays import Rows
from models.earned.attribution import (
    BOT_CLICKED,
    BOT_SHOWN,
    EVICTED,
    FOUND,
    JOINED_TYPE,
    KNOWN_TYPE,
    N_CAPPED,
    N_DELTAS,
    N_TOLD,
    NO_MONEY,
    NOWHERE,
    NUMBERS,
    REPEATS,
    TOO_FAST,
    UNCOUNTED,
    UNCREDITED,
    UNSEEN,
    Joined,
    Known,
    act_cell,
    creative_cell,
    emit,
)
from models.earned.caps import count_towards_caps, reached, uncount_from_caps
from models.earned.counters import DELTA, Field
from models.earned.credit import may_move, settle, settle_sales, touch_of
from models.earned.exposures import (
    ATTRIBUTED,
    BOT,
    BOT_ACT,
    CAMPAIGN_SHIFT,
    EXPOSURES,
    NTH,
    OURS,
    REPEATED,
    SETTLED,
    THIS_ONE,
    UNFIT,
    VIEWED,
    add_shown,
    find_shown,
    place_to_give,
)
from models.earned.judging import counted_field, judged_new, shown_for
from models.earned.settled import closes_s, tell
from models.earned.showings import emit_moved, emit_shown, recount_clicked
from models.earned.told import TOLD, context_of
from models.earned.touches import add_act, add_sale
from models.event.layout import EVENT, FROM_BOT, EventKind, Purpose, Status
from models.kernels.argument_types import pair, rows
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part

MAX_DELTAS: Final = 192
"""More than one event can cause: 24 exposures with view and click, 5 acts and twice 8 conversions moved, and
its own."""
_NO_DELTAS: Final = np.empty(0, DELTA)
_NO_INDICES: Final = np.empty(0, np.int64)
_NO_TOLD: Final = np.empty(0, TOLD)
_MOST_TOLD: Final = 256
"""Exposures that one pass of the kernel has room for."""

_IMPRESSION, _VIEWABLE, _CLICK, _CONVERSION = (
    int(EventKind.IMPRESSION),
    int(EventKind.VIEWABLE),
    int(EventKind.CLICK),
    int(EventKind.CONVERSION),
)
_SHOWING: Final = (_IMPRESSION, _VIEWABLE)
_HIDE, _REPORT, _LIKE = int(EventKind.HIDE), int(EventKind.REPORT), int(EventKind.LIKE)
_APPLIED, _MEASURE = int(Status.APPLIED), int(Purpose.MEASURE)
_VIEWS, _CLICKS, _SALES = (
    int(Field.VIEWABLE),
    int(Field.CLICKS),
    int(Field.CONVERSIONS),
)
_LIKES, _HIDES, _REPORTS = int(Field.LIKES), int(Field.HIDES), int(Field.REPORTS)


class JoinTally(NamedTuple):
    """Counts of what the joins did, for metrics."""

    evicted: int
    attributed: int
    unattributed: int
    moved: int
    uncounted: int  # impressions that found no room in a count towards a cap
    uncredited: int  # returns of no order that is kept and credited
    bot_impressions: int  # this and the next: invalid, as judged when they came
    bot_clicks: int
    fast_clicks: int
    repeated_clicks: int
    unseen_clicks: int  # without an exposure so far


class Joins(NamedTuple):
    """What joins yield: `deltas` DELTA (k,), `capped` the indices of impressions that reached a cap of a live
    creative, `told` TOLD (m,) the exposures of ours that left their row before they were settled."""

    deltas: Rows
    capped: NDArray[np.int64]
    told: Rows
    tally: JoinTally


def join_events(exposures: Rows, events: Rows, start: int, stop: int, ref: Known, clock_s: int = 0) -> Joins:
    """Apply events[start:stop] that are APPLIED and may be measured to rows x, in place. `clock_s`: event
    time that all topics have reached."""
    capped, numbers = np.empty(stop - start, np.int64), np.zeros(NUMBERS, np.int64)
    counted, left = list[Rows](), list[Rows]()
    while start < stop:
        deltas = np.empty(stop - start + MAX_DELTAS, DELTA)
        told = np.empty((_MOST_TOLD, TOLD.itemsize), np.uint8).reshape(-1).view(TOLD)
        numbers[N_DELTAS] = numbers[N_TOLD] = 0
        out = Joined(deltas, capped, told, numbers)
        if events["kind"][start] in _SHOWING:
            start = _join_shown(exposures, events, start, stop, ref, clock_s, out)
        else:
            start = _join_followed(exposures, events, start, stop, ref, out)
        counted.append(deltas[: numbers[N_DELTAS]])
        if numbers[N_TOLD]:
            left.append(told[: numbers[N_TOLD]])
    whole = counted[0] if len(counted) == 1 else np.concatenate([_NO_DELTAS, *counted])
    gone = np.concatenate(left) if left else _NO_TOLD
    return Joins(whole, capped[: numbers[N_CAPPED]], gone, JoinTally(*numbers[:N_DELTAS].tolist()))


def know_creative(
    exposures: Rows, user: int, creative: int, cell: int, source: int, offset: int, ref: Known
) -> Rows:
    """The creative's cell became known: move what was counted under a guess. In place; returns deltas."""
    out = Joined(np.empty(MAX_DELTAS, DELTA), _NO_INDICES, _NO_TOLD, np.zeros(NUMBERS, np.int64))
    _know(exposures, user, (np.uint64(creative), np.uint64(cell)), (source, offset), ref, out)
    return out.deltas[: out.numbers[N_DELTAS]].copy()


@part
def _impression(x, e, key, ref, clock_s, out):  # type: ignore[no-untyped-def]
    cell = creative_cell(x, e.creative, ref)
    flags = OURS if cell else 0
    if cell == 0:
        cell = e.cell
    if e.slot:
        x.slots |= 1 << (e.slot - 1)
    if cell == 0 and e.creative == 0:
        return
    nth = 0
    if e.creative:
        for k in range(np.int64(x.n_shown)):
            nth += x.shown_creative[k] == e.creative
    nth = min(nth, NTH)
    ts, micros = e.ts // 1000, min(max(e.value_minor, 0), 4_294_967_295)
    if e.purposes & FROM_BOT:
        flags |= BOT
        out.numbers[BOT_SHOWN] += 1
    if cell:
        emit_shown(x, cell, ts, flags, key, (nth, e.currency, micros), out)
    victim, at, cost, context = place_to_give(x, ts, e.imp, cell), (ts, e.ts % 1000), (micros, e.currency), 0
    if flags & OURS or e.creative:
        context = context_of(e)
    if victim >= 0:
        _tell_victim(x, victim, e.user, ref, clock_s, out)
    elif victim == THIS_ONE and flags & OURS:
        _tell_itself(e, cell, at, cost, flags | nth, context, ref, clock_s, out)
    out.numbers[EVICTED] += add_shown(x, victim, at, e.imp, e.creative, cell, cost, flags | nth, context)
    if cell:
        out.numbers[UNCOUNTED] += count_towards_caps(x, e.creative, cell, ts, ref)
    if may_move(x, ts, e.imp, e.creative):
        settle(x, key, ref, out)
        recount_clicked(x, key, out)


@part
def _tell_victim(x, victim, user, ref, clock_s, out):  # type: ignore[no-untyped-def]
    """An exposure leaves; of ours it is told, once."""
    if x.shown_flags[victim] & (OURS | SETTLED) == OURS:
        tell(x, victim, user, ref, clock_s, out.told[out.numbers[N_TOLD]])
        out.numbers[N_TOLD] += 1


@part
def _tell_itself(e, cell, at, cost, flags, context, ref, clock_s, out):  # type: ignore[no-untyped-def]
    """An exposure older than all of a full list: nothing that followed was joined to it."""
    told = out.told[out.numbers[N_TOLD]]
    out.numbers[N_TOLD] += 1
    told.user, told.imp, told.creative, told.cell, told.ts_ms = e.user, e.imp, e.creative, cell, e.ts
    told.micros, told.currency, told.flags, told.context = cost[0], cost[1], flags, context
    told.acts, told.invalid_clicks, told.click_after_s, told.sales = 0, 0, -1, 0
    for j in range(len(told.paid)):
        told.paid[j], told.value[j] = 0, 0
    told.closed = closes_s(ref, cell, at[0]) <= clock_s


@part
def _viewable(x, e, key, ref, out):  # type: ignore[no-untyped-def]
    """Counted in the window of its exposure, so that the two move together."""
    k = find_shown(x, e.imp)
    if k >= 0:
        if x.shown_flags[k] & (VIEWED | BOT) == 0 and x.shown_cell[k]:
            emit(out, key, x.shown_cell[k], x.shown_ts[k], _VIEWS, 1, NO_MONEY)
        x.shown_flags[k] |= VIEWED
        return
    cell = creative_cell(x, e.creative, ref)
    if cell == 0:
        cell = e.cell
    if cell:
        emit(out, key, cell, e.ts // 1000, _VIEWS, 1, NO_MONEY)


@part
def _act(x, e, field, key, ref, out):  # type: ignore[no-untyped-def]
    ts, at = e.ts // 1000, (e.ts // 1000, e.ts % 1000)
    cell = act_cell(x, ts, e.imp, e.creative, ref)
    out.numbers[FOUND if cell else NOWHERE] += 1
    flags = field | ATTRIBUTED if cell else field
    if cell == 0:
        cell = e.cell
    if field == _CLICKS:
        if e.purposes & FROM_BOT:
            flags |= BOT_ACT
        flags = judged_new(x, flags, at, e.imp, e.creative, ref)
        _note_invalid(x, e, at, flags, out)
    emit(out, key, cell, ts, counted_field(flags), 1, NO_MONEY)
    if e.imp == 0 and e.creative == 0:
        return
    act_id = np.uint32(e.id & np.uint64(0xFFFFFFFF))
    out.numbers[EVICTED] += add_act(x, at, act_id, e.imp, e.creative, cell, flags, ref)
    if field != _CLICKS:
        return
    if x.n_sales or x.n_acts > 1:
        settle(x, key, ref, out)
    recount_clicked(x, key, out)


@part
def _note_invalid(x, e, at, flags, out):  # type: ignore[no-untyped-def]
    """Why a click is invalid, for the numbers."""
    if flags & BOT_ACT:
        out.numbers[BOT_CLICKED] += 1
    elif flags & UNFIT:
        fast = shown_for(x, at[0], at[1], e.imp, e.creative) >= 0
        out.numbers[TOO_FAST if fast else UNSEEN] += 1
    elif flags & REPEATED:
        out.numbers[REPEATS] += 1


@part
def _sale(x, e, key, ref, out):  # type: ignore[no-untyped-def]
    ts, order, value = e.ts // 1000, np.uint32(e.order), e.value_minor
    cell, touch, touch_ts = touch_of(x, ts, e.imp, order, value, ref)
    if cell == 0:
        cell = e.cell
        out.numbers[UNCREDITED] += value < 0
    emit(out, key, cell, ts, _SALES, 1, (0, e.currency, value))
    credit = (cell, touch, touch_ts)
    out.numbers[EVICTED] += add_sale(x, ts, (value, e.currency), e.imp, order, credit, ref)
    if order and value >= 0:
        settle_sales(x, key, ref, out)


@kernel(rows(EXPOSURES), rows(EVENT), int64, int64, KNOWN_TYPE, int64, JOINED_TYPE)
def _join_shown(exposures, events, start, stop, ref, clock_s, out):  # type: ignore[no-untyped-def]
    """Impressions and views, until `stop`, the first event of another kind, or until what is put out may be
    too short for one more; the index of the next event."""
    exposures, events, ref, out = borrowed(exposures), borrowed(events), borrowed(ref), borrowed(out)
    for i in range(start, stop):
        e = events[i]
        if not _is_of_showing(e) or not _has_room(out):
            return i
        if e.status != _APPLIED or e.purposes & _MEASURE == 0:
            continue
        x, key = exposures[e.user], (np.int64(e.source), e.offset)
        if e.kind == _IMPRESSION:
            _impression(x, e, key, ref, clock_s, out)
            if reached(x, e, e.ts // 1000, ref):
                out.capped[out.numbers[N_CAPPED]] = i
                out.numbers[N_CAPPED] += 1
        elif e.purposes & FROM_BOT == 0:
            _viewable(x, e, key, ref, out)
    return stop


@kernel(rows(EXPOSURES), rows(EVENT), int64, int64, KNOWN_TYPE, JOINED_TYPE)
def _join_followed(exposures, events, start, stop, ref, out):  # type: ignore[no-untyped-def]
    """The same of clicks, reactions and conversions."""
    exposures, events, ref, out = borrowed(exposures), borrowed(events), borrowed(ref), borrowed(out)
    for i in range(start, stop):
        e = events[i]
        if _is_of_showing(e) or not _has_room(out):
            return i
        if e.status != _APPLIED or e.purposes & _MEASURE == 0:
            continue
        x, key = exposures[e.user], (np.int64(e.source), e.offset)
        if e.kind == _CLICK:
            _act(x, e, _CLICKS, key, ref, out)
        elif e.kind == _CONVERSION:
            _sale(x, e, key, ref, out)
        elif e.creative and _is_reaction(e):
            field = _LIKES if e.kind == _LIKE else _HIDES if e.kind == _HIDE else _REPORTS
            _act(x, e, field, key, ref, out)
    return stop


@part
def _is_of_showing(e):  # type: ignore[no-untyped-def]
    return e.kind == _IMPRESSION or e.kind == _VIEWABLE


@part
def _has_room(out):  # type: ignore[no-untyped-def]
    """For what one more event may put out."""
    return out.numbers[N_DELTAS] + MAX_DELTAS <= len(out.deltas) and out.numbers[N_TOLD] < len(out.told)


@part
def _is_reaction(e):  # type: ignore[no-untyped-def]
    """One of a person: what a bot likes or hides counts nowhere."""
    return e.purposes & FROM_BOT == 0 and (e.kind == _HIDE or e.kind == _REPORT or e.kind == _LIKE)


@kernel(rows(EXPOSURES), int64, pair(uint64), pair(int64), KNOWN_TYPE, JOINED_TYPE)
def _know(exposures, user, creative_and_cell, key, ref, out):  # type: ignore[no-untyped-def]
    x = exposures[user]
    creative, cell = creative_and_cell
    for k in range(np.int64(x.n_shown)):
        if x.shown_creative[k] == creative:
            x.shown_flags[k] |= OURS
        if x.shown_creative[k] == creative and x.shown_cell[k] != cell:
            ts, old = x.shown_ts[k], x.shown_cell[k]
            emit_moved(x, k, cell, key, out)
            if old >> np.uint64(CAMPAIGN_SHIFT) != cell >> np.uint64(CAMPAIGN_SHIFT):
                if old:
                    uncount_from_caps(x, creative, old, ts, ref)
                out.numbers[UNCOUNTED] += count_towards_caps(x, creative, cell, np.int64(ts), ref)
            x.shown_cell[k] = cell
    settle(x, key, ref, out)
