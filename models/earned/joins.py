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
    EVICTED,
    FOUND,
    JOINED_TYPE,
    KNOWN_TYPE,
    N_CAPPED,
    N_DELTAS,
    NO_MONEY,
    NOWHERE,
    NUMBERS,
    UNCOUNTED,
    UNCREDITED,
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
    CAMPAIGN_SHIFT,
    EXPOSURES,
    NTH,
    VIEWED,
    add_shown,
    find_shown,
)
from models.earned.touches import add_act, add_sale
from models.event.layout import EVENT, EventKind, Purpose, Status
from models.kernels.argument_types import pair, rows
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part

MAX_DELTAS: Final = 160
"""More than one event can cause: 24 exposures with view, 5 acts and 8 conversions moved, and its own."""
_NO_DELTAS: Final = np.empty(0, DELTA)
_NO_INDICES: Final = np.empty(0, np.int64)

_IMPRESSION, _VIEWABLE, _CLICK, _CONVERSION = (
    int(EventKind.IMPRESSION),
    int(EventKind.VIEWABLE),
    int(EventKind.CLICK),
    int(EventKind.CONVERSION),
)
_HIDE, _REPORT, _LIKE = int(EventKind.HIDE), int(EventKind.REPORT), int(EventKind.LIKE)
_APPLIED, _MEASURE = int(Status.APPLIED), int(Purpose.MEASURE)
_IMPRESSIONS, _VIEWS, _CLICKS, _SALES = (
    int(Field.IMPRESSIONS),
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


def join_events(
    exposures: Rows, events: Rows, start: int, stop: int, ref: Known
) -> tuple[Rows, NDArray[np.int64], JoinTally]:
    """Apply events[start:stop] that are APPLIED and may be measured to rows x, in place.

    Returns deltas (k,) of dtype DELTA, the indices of impressions that reached a cap of a live creative, and
    the tally.
    """
    capped, numbers = np.empty(stop - start, np.int64), np.zeros(NUMBERS, np.int64)
    counted: list[Rows] = []
    while start < stop:
        deltas = np.empty(stop - start + MAX_DELTAS, DELTA)
        numbers[N_DELTAS] = 0
        start = _join(exposures, events, start, stop, ref, Joined(deltas, capped, numbers))
        counted.append(deltas[: numbers[N_DELTAS]])
    whole = counted[0] if len(counted) == 1 else np.concatenate([_NO_DELTAS, *counted])
    return whole, capped[: numbers[N_CAPPED]], JoinTally(*numbers[:N_DELTAS].tolist())


def know_creative(
    exposures: Rows, user: int, creative: int, cell: int, source: int, offset: int, ref: Known
) -> Rows:
    """The creative's cell became known: move what was counted under a guess. In place; returns deltas."""
    out = Joined(np.empty(MAX_DELTAS, DELTA), _NO_INDICES, np.zeros(NUMBERS, np.int64))
    _know(exposures, user, (np.uint64(creative), np.uint64(cell)), (source, offset), ref, out)
    return out.deltas[: out.numbers[N_DELTAS]].copy()


@part
def _impression(x, e, key, ref, out):  # type: ignore[no-untyped-def]
    cell = creative_cell(x, e.creative, ref)
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
    if cell:
        emit(out, key, cell, ts, _IMPRESSIONS, 1, (nth, e.currency, micros))
    out.numbers[EVICTED] += add_shown(x, ts, e.imp, e.creative, cell, micros, e.currency, nth)
    if cell:
        out.numbers[UNCOUNTED] += count_towards_caps(x, e.creative, cell, ts, ref)
    if may_move(x, ts, e.imp, e.creative):
        settle(x, key, ref, out)


@part
def _viewable(x, e, key, ref, out):  # type: ignore[no-untyped-def]
    """Counted in the window of its exposure, so that the two move together."""
    k = find_shown(x, e.imp)
    if k >= 0:
        if x.shown_flags[k] & VIEWED == 0 and x.shown_cell[k]:
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
    ts = e.ts // 1000
    cell = act_cell(x, ts, e.imp, e.creative, ref)
    out.numbers[FOUND if cell else NOWHERE] += 1
    flags = field | ATTRIBUTED if cell else field
    if cell == 0:
        cell = e.cell
    emit(out, key, cell, ts, field, 1, NO_MONEY)
    if e.imp == 0 and e.creative == 0:
        return
    act_id = np.uint32(e.id & np.uint64(0xFFFFFFFF))
    out.numbers[EVICTED] += add_act(x, ts, act_id, e.imp, e.creative, cell, flags)
    if x.n_sales and field == _CLICKS:
        settle(x, key, ref, out)


@part
def _sale(x, e, key, ref, out):  # type: ignore[no-untyped-def]
    ts, order, value = e.ts // 1000, np.uint32(e.order), e.value_minor
    cell, touch, touch_ts = touch_of(x, ts, e.imp, order, value, ref)
    if cell == 0:
        cell = e.cell
        out.numbers[UNCREDITED] += value < 0
    emit(out, key, cell, ts, _SALES, 1, (0, e.currency, value))
    credit = (cell, touch, touch_ts)
    out.numbers[EVICTED] += add_sale(x, ts, (value, e.currency), e.imp, order, credit)
    if order and value >= 0:
        settle_sales(x, key, ref, out)


@kernel(rows(EXPOSURES), rows(EVENT), int64, int64, KNOWN_TYPE, JOINED_TYPE)
def _join(exposures, events, start, stop, ref, out):  # type: ignore[no-untyped-def]
    """Until `stop` or until the deltas may be too short for one more; the index of the next event."""
    exposures, events, ref, out = borrowed(exposures), borrowed(events), borrowed(ref), borrowed(out)
    for i in range(start, stop):
        e = events[i]
        if out.numbers[N_DELTAS] + MAX_DELTAS > len(out.deltas):
            return i
        if e.status != _APPLIED or e.purposes & _MEASURE == 0:
            continue
        x, key = exposures[e.user], (np.int64(e.source), e.offset)
        if e.kind == _IMPRESSION:
            _impression(x, e, key, ref, out)
            if reached(x, e, e.ts // 1000, ref):
                out.capped[out.numbers[N_CAPPED]] = i
                out.numbers[N_CAPPED] += 1
        elif e.kind == _VIEWABLE:
            _viewable(x, e, key, ref, out)
        elif e.kind == _CLICK:
            _act(x, e, _CLICKS, key, ref, out)
        elif e.kind == _CONVERSION:
            _sale(x, e, key, ref, out)
        elif e.creative and (e.kind == _HIDE or e.kind == _REPORT or e.kind == _LIKE):
            field = _LIKES if e.kind == _LIKE else _HIDES if e.kind == _HIDE else _REPORTS
            _act(x, e, field, key, ref, out)
    return stop


@kernel(rows(EXPOSURES), int64, pair(uint64), pair(int64), KNOWN_TYPE, JOINED_TYPE)
def _know(exposures, user, creative_and_cell, key, ref, out):  # type: ignore[no-untyped-def]
    x = exposures[user]
    creative, cell = creative_and_cell
    for k in range(np.int64(x.n_shown)):
        if x.shown_creative[k] == creative and x.shown_cell[k] != cell:
            ts, flags = x.shown_ts[k], x.shown_flags[k]
            old, money = x.shown_cell[k], (flags & NTH, x.shown_currency[k], np.int64(x.shown_micros[k]))
            for place, sign in ((old, -1), (cell, 1)):
                if place:
                    emit(out, key, place, ts, _IMPRESSIONS, sign, money)
                    if flags & VIEWED:
                        emit(out, key, place, ts, _VIEWS, sign, NO_MONEY)
            if old >> np.uint64(CAMPAIGN_SHIFT) != cell >> np.uint64(CAMPAIGN_SHIFT):
                if old:
                    uncount_from_caps(x, creative, old, ts, ref)
                out.numbers[UNCOUNTED] += count_towards_caps(x, creative, cell, np.int64(ts), ref)
            x.shown_cell[k] = cell
    settle(x, key, ref, out)
