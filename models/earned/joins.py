"""What was shown meets what it earned: events change row `x` and yield counter deltas, in whatever order
their topics are read.

Nothing is decided for good while the row still holds it: an impression, click or creative that arrives later
may move a click or a conversion to another cell, which is one subtraction and one addition in the window
where it was counted. So the counters are a function of WHICH events arrived, not of their order (as long as
nothing was evicted).
Where something belongs: models/earned/attribution.py.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba.types import int64, uint64
from numpy.typing import NDArray

from models.arrays import Rows
from models.earned.attribution import KNOWN, Known, act_cell, creative_cell, emit, settle, touch_of
from models.earned.caps import count_towards_caps, reached, uncount_from_caps
from models.earned.counters import DELTA, Field
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
from models.kernels.argument_types import rows, vector
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part

MAX_DELTAS: Final = 160
"""More than one event can cause: 24 exposures with view, 5 acts and 8 conversions moved, and its own."""
_NO_DELTAS: Final = np.empty(0, DELTA)

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


def join_events(
    exposures: Rows, events: Rows, start: int, stop: int, ref: Known
) -> tuple[Rows, NDArray[np.int64], JoinTally]:
    """Apply events[start:stop] that are APPLIED and may be measured to rows x, in place.

    Returns deltas (k,) of dtype DELTA, the indices of impressions that reached a cap of a live creative, and
    the tally.
    """
    capped, n_capped, tally = np.empty(stop - start, np.int64), 0, np.zeros(4, np.int64)
    counted: list[Rows] = []
    while start < stop:
        deltas = np.empty(stop - start + MAX_DELTAS, DELTA)
        start, n, n_capped = _join(exposures, events, start, stop, ref, deltas, capped, n_capped, tally)
        counted.append(deltas[:n])
    whole = counted[0] if len(counted) == 1 else np.concatenate([_NO_DELTAS, *counted])
    return whole, capped[:n_capped], JoinTally(*tally.tolist())


def know_creative(
    exposures: Rows, user: int, creative: int, cell: int, source: int, offset: int, ref: Known
) -> Rows:
    """The creative's cell became known: move what was counted under a guess. In place; returns deltas."""
    deltas = np.empty(MAX_DELTAS, DELTA)
    n = _know(
        exposures,
        user,
        np.uint64(creative),
        np.uint64(cell),
        source,
        offset,
        ref,
        deltas,
        np.zeros(4, np.int64),
    )
    return deltas[:n].copy()


@part
def _impression(x, e, ts, key, ref, deltas, n, tally):  # type: ignore[no-untyped-def]
    cell = creative_cell(x, e.creative, ref)
    if cell == 0:
        cell = e.cell
    nth = 0
    if e.creative:
        for k in range(np.int64(x.n_shown)):
            nth += x.shown_creative[k] == e.creative
    nth = min(nth, NTH)
    if e.slot:
        x.slots |= 1 << (e.slot - 1)
    micros = min(max(e.value_minor, 0), 4_294_967_295)
    if cell:
        n = emit(deltas, n, cell, ts, _IMPRESSIONS, 1, nth, e.currency, micros, key)
    tally[0] += add_shown(x, ts, e.imp, e.creative, cell, micros, e.currency, nth)
    if cell:
        tally[0] += count_towards_caps(x, e.creative, cell, ts, ref)
    if x.n_acts or x.n_sales:
        n = settle(x, key, ref, deltas, n, tally)
    return n


@part
def _viewable(x, e, ts, key, ref, deltas, n):  # type: ignore[no-untyped-def]
    """Counted in the window of its exposure, so that the two move together."""
    k = find_shown(x, e.imp)
    if k >= 0:
        if x.shown_flags[k] & VIEWED == 0 and x.shown_cell[k]:
            n = emit(deltas, n, x.shown_cell[k], x.shown_ts[k], _VIEWS, 1, 0, 0, 0, key)
        x.shown_flags[k] |= VIEWED
        return n
    cell = creative_cell(x, e.creative, ref)
    if cell == 0:
        cell = e.cell
    return emit(deltas, n, cell, ts, _VIEWS, 1, 0, 0, 0, key) if cell else n


@part
def _act(x, e, ts, field, key, ref, deltas, n, tally):  # type: ignore[no-untyped-def]
    cell = act_cell(x, ts, e.imp, e.creative, ref)
    tally[1 if cell else 2] += 1
    flags = field | ATTRIBUTED if cell else field
    if cell == 0:
        cell = e.cell
    n = emit(deltas, n, cell, ts, field, 1, 0, 0, 0, key)
    tally[0] += add_act(x, ts, e.imp, e.creative, cell, flags)
    if x.n_sales and field == _CLICKS:
        n = settle(x, key, ref, deltas, n, tally)
    return n


@part
def _sale(x, e, ts, key, ref, deltas, n, tally):  # type: ignore[no-untyped-def]
    cell, touch_ts = touch_of(x, ts, e.imp, ref)
    if cell == 0:
        cell = e.cell
    n = emit(deltas, n, cell, ts, _SALES, 1, 0, e.currency, e.value_minor, key)
    tally[0] += add_sale(x, ts, e.value_minor, e.currency, e.imp, cell, touch_ts)
    return n


@kernel(rows(EXPOSURES), rows(EVENT), int64, int64, KNOWN, rows(DELTA), vector(int64), int64, vector(int64))
def _join(exposures, events, start, stop, ref, deltas, capped, n_capped, tally):  # type: ignore[no-untyped-def]
    """Until `stop` or until `deltas` may be too short: (index of the next event, number of deltas, number of
    capped ones)."""
    exposures, events, deltas, tally, ref = (
        borrowed(exposures),
        borrowed(events),
        borrowed(deltas),
        borrowed(tally),
        borrowed(ref),
    )
    n = 0
    for i in range(start, stop):
        e = events[i]
        if n + MAX_DELTAS > len(deltas):
            return i, n, n_capped
        if e.status != _APPLIED or e.purposes & _MEASURE == 0:
            continue
        x, ts, key = exposures[e.user], e.ts // 1000, (e.source, e.offset)
        if e.kind == _IMPRESSION:
            n = _impression(x, e, ts, key, ref, deltas, n, tally)
            if reached(x, e, ts, ref):
                capped[n_capped] = i
                n_capped += 1
        elif e.kind == _VIEWABLE:
            n = _viewable(x, e, ts, key, ref, deltas, n)
        elif e.kind == _CLICK:
            n = _act(x, e, ts, _CLICKS, key, ref, deltas, n, tally)
        elif e.kind == _CONVERSION:
            n = _sale(x, e, ts, key, ref, deltas, n, tally)
        elif e.creative and (e.kind == _HIDE or e.kind == _REPORT or e.kind == _LIKE):
            field = _LIKES if e.kind == _LIKE else _HIDES if e.kind == _HIDE else _REPORTS
            n = _act(x, e, ts, field, key, ref, deltas, n, tally)
    return stop, n, n_capped


@kernel(rows(EXPOSURES), int64, uint64, uint64, int64, int64, KNOWN, rows(DELTA), vector(int64))
def _know(exposures, user, creative, cell, source, offset, ref, deltas, tally):  # type: ignore[no-untyped-def]
    x, key, n = exposures[user], (source, offset), 0
    for k in range(np.int64(x.n_shown)):
        if x.shown_creative[k] == creative and x.shown_cell[k] != cell:
            old, ts, flags, micros = (
                x.shown_cell[k],
                x.shown_ts[k],
                x.shown_flags[k],
                np.int64(x.shown_micros[k]),
            )
            for place, sign in ((old, -1), (cell, 1)):
                if place:
                    n = emit(
                        deltas,
                        n,
                        place,
                        ts,
                        _IMPRESSIONS,
                        sign,
                        flags & NTH,
                        x.shown_currency[k],
                        micros,
                        key,
                    )
                    if flags & VIEWED:
                        n = emit(deltas, n, place, ts, _VIEWS, sign, 0, 0, 0, key)
            if old >> np.uint64(CAMPAIGN_SHIFT) != cell >> np.uint64(CAMPAIGN_SHIFT):
                if old:
                    uncount_from_caps(x, creative, old, ts, ref)
                tally[0] += count_towards_caps(x, creative, cell, np.int64(ts), ref)
            x.shown_cell[k] = cell
    return settle(x, key, ref, deltas, n, tally)
