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
    JOINED_TYPE,
    KNOWN_TYPE,
    N_CAPPED,
    N_DELTAS,
    N_TOLD,
    NUMBERS,
    UNCOUNTED,
    Joined,
    Known,
)
from models.earned.caps import count_towards_caps, reached, uncount_from_caps
from models.earned.counters import DELTA, Field
from models.earned.credit import settle
from models.earned.exposures import CAMPAIGN_SHIFT, EXPOSURES, OURS
from models.earned.one_event import join_act, join_impression, join_play, join_sale, join_view
from models.earned.showings import emit_moved
from models.earned.told import TOLD
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

_IMPRESSION, _VIEWABLE, _CLICK, _CONVERSION = (
    int(EventKind.IMPRESSION),
    int(EventKind.VIEWABLE),
    int(EventKind.CLICK),
    int(EventKind.CONVERSION),
)
_SHOWING: Final = (_IMPRESSION, _VIEWABLE)
_HIDE, _REPORT, _LIKE = int(EventKind.HIDE), int(EventKind.REPORT), int(EventKind.LIKE)
_APPLIED, _MEASURE = int(Status.APPLIED), int(Purpose.MEASURE)
_CLICKS = int(Field.CLICKS)
_STARTED, _COMPLETED, _STARTS = int(EventKind.STARTED), int(EventKind.COMPLETED), int(Field.STARTS)
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
    counts = numbers.tolist()
    counted: list[Rows] = []
    left: list[Rows] = []
    while start < stop:
        deltas = np.empty(2 * (stop - start) + MAX_DELTAS, DELTA)  # most events cause one or two
        shows = events["kind"][start] in _SHOWING  # only a showing puts another out of its row
        told = np.empty(stop - start, TOLD) if shows else _NO_TOLD
        numbers[N_DELTAS] = numbers[N_TOLD] = 0
        out = Joined(deltas, capped, told, numbers)
        if shows:
            start = _join_shown(exposures, events, start, stop, ref, clock_s, out)
        else:
            start = _join_followed(exposures, events, start, stop, ref, out)
        counts = numbers.tolist()
        counted.append(deltas[: counts[N_DELTAS]])
        if counts[N_TOLD]:
            left.append(told[: counts[N_TOLD]])
    whole, gone = _joined(counted, _NO_DELTAS), _joined(left, _NO_TOLD)
    return Joins(whole, capped[: counts[N_CAPPED]], gone, JoinTally(*counts[:N_DELTAS]))


def _joined(parts: list[Rows], nothing: Rows) -> Rows:
    """Nearly always there is one part at most; numpy compares all fields before it joins."""
    return np.concatenate(parts) if len(parts) > 1 else parts[0] if parts else nothing


def know_creative(
    exposures: Rows, user: int, creative: int, cell: int, source: int, offset: int, ref: Known
) -> Rows:
    """The creative's cell became known: move what was counted under a guess. In place; returns deltas."""
    out = Joined(np.empty(MAX_DELTAS, DELTA), _NO_INDICES, _NO_TOLD, np.zeros(NUMBERS, np.int64))
    _know(exposures, user, (np.uint64(creative), np.uint64(cell)), (source, offset), ref, out)
    return out.deltas[: out.numbers[N_DELTAS]].copy()


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
            join_impression(x, e, key, ref, clock_s, out)
            if reached(x, e, e.ts // 1000, ref):
                out.capped[out.numbers[N_CAPPED]] = i
                out.numbers[N_CAPPED] += 1
        elif e.purposes & FROM_BOT == 0:
            join_view(x, e, key, ref, out)
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
            join_act(x, e, _CLICKS, key, ref, out)
        elif e.kind == _CONVERSION:
            join_sale(x, e, key, ref, out)
        elif e.creative and _is_reaction(e):
            field = _LIKES if e.kind == _LIKE else _HIDES if e.kind == _HIDE else _REPORTS
            join_act(x, e, field, key, ref, out)
        elif e.creative and _is_play(e):
            join_play(x, e, _STARTS + e.kind - _STARTED, key, ref, out)
    return stop


@part
def _is_of_showing(e):  # type: ignore[no-untyped-def]
    return e.kind == _IMPRESSION or e.kind == _VIEWABLE


@part
def _has_room(out):  # type: ignore[no-untyped-def]
    """For the deltas of one more event; of exposures it may tell one."""
    return out.numbers[N_DELTAS] + MAX_DELTAS <= len(out.deltas)


@part
def _is_reaction(e):  # type: ignore[no-untyped-def]
    """One of a person: what a bot likes or hides counts nowhere."""
    return e.purposes & FROM_BOT == 0 and (e.kind == _HIDE or e.kind == _REPORT or e.kind == _LIKE)


@part
def _is_play(e):  # type: ignore[no-untyped-def]
    """How far a person played a clip."""
    return e.purposes & FROM_BOT == 0 and _STARTED <= e.kind <= _COMPLETED


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
