"""What was shown meets what it earned: events change row `x` and yield counter deltas, in whatever order their topics are read.

Nothing is decided for good while the row still holds it: an impression, click or creative that arrives later may move a click or a
conversion to another cell, which is one subtraction and one addition in the window where it was counted. So the counters are a function of
WHICH events arrived, not of their order (as long as nothing was evicted).

Touch of a conversion: the impression it names; else the latest exposure or attributed click before it within the attribution window.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.counters import DELTA, Field
from models.event import Kind, Purpose, Status
from models.exposures import ATTRIBUTED, CAMPAIGN_SHIFT, IS_LIVE, NTH, VIEWED, add_act, add_sale, add_shown, find_live, find_shown

CLICK_WINDOW_S: Final = 86_400
"""A click is moved to its impression when they are at most this far apart."""
MAX_DELTAS: Final = 160
"""More than one event can cause: 24 exposures with view, 5 acts and 8 conversions moved, and its own."""

_IMPRESSION, _VIEWABLE, _CLICK, _CONVERSION = int(Kind.IMPRESSION), int(Kind.VIEWABLE), int(Kind.CLICK), int(Kind.CONVERSION)
_HIDE, _REPORT, _LIKE = int(Kind.HIDE), int(Kind.REPORT), int(Kind.LIKE)
_APPLIED, _MEASURE = int(Status.APPLIED), int(Purpose.MEASURE)
_IMPRESSIONS, _VIEWS, _CLICKS, _SALES = int(Field.IMPRESSIONS), int(Field.VIEWABLE), int(Field.CLICKS), int(Field.CONVERSIONS)
_LIKES, _HIDES, _REPORTS = int(Field.LIKES), int(Field.HIDES), int(Field.REPORTS)

Rows = np.ndarray[Any, np.dtype[np.void]]


class Known(NamedTuple):
    """Reference data of the joins. Shared creatives sorted by number; caps sorted by campaign."""

    shared_creative: NDArray[np.uint64]
    shared_cell: NDArray[np.uint64]
    cap_campaign: NDArray[np.uint64]  # the top 28 bits of the campaign's cells
    cap_n: NDArray[np.int64]
    cap_per_s: NDArray[np.int64]  # 0 = lifetime
    cap_creative: NDArray[np.bool_]  # counted per creative, else per campaign
    attribution_s: int


def known(shared: dict[int, int], caps: list[tuple[int, int, int, bool]], attribution_s: int = 30 * 86_400) -> Known:
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


class Tally(NamedTuple):
    """Counts of what the joins did, for metrics."""

    evicted: int
    attributed: int
    unattributed: int
    moved: int


def join_events(exposures: Rows, events: Rows, start: int, stop: int, ref: Known) -> tuple[Rows, NDArray[np.int64], Tally]:
    """Apply events[start:stop] that are APPLIED and may be measured to rows x, in place.

    Returns deltas (k,) of dtype DELTA, the indices of impressions that reached a cap of a live creative, and the tally.
    """
    deltas = np.empty(MAX_DELTAS * max(stop - start, 1), DELTA)
    capped = np.empty(max(stop - start, 1), np.int64)
    tally = np.zeros(4, np.int64)
    n, n_capped = _join(exposures, events, start, stop, ref, deltas, capped, tally)
    return deltas[:n].copy(), capped[:n_capped].copy(), Tally(*(int(v) for v in tally))


def know_creative(exposures: Rows, user: int, creative: int, cell: int, source: int, offset: int, ref: Known) -> Rows:
    """The creative's cell became known: move what was counted under a guess. In place; returns deltas."""
    deltas = np.empty(MAX_DELTAS, DELTA)
    n = _know(exposures, user, np.uint64(creative), np.uint64(cell), source, offset, ref, deltas, np.zeros(4, np.int64))
    return deltas[:n].copy()


@njit(cache=True)
def _emit(deltas, n, cell, ts, field, sign, nth, currency, value, e):  # type: ignore[no-untyped-def]
    d = deltas[n]
    d.cell, d.ts, d.field, d.sign, d.nth = cell, ts, field, sign, nth
    d.currency, d.value, d.source, d.offset = currency, value * sign, e[0], e[1]
    return n + 1


@njit(cache=True)
def _shared_cell(ref, creative):  # type: ignore[no-untyped-def]
    k = np.searchsorted(ref.shared_creative, creative)
    if k < len(ref.shared_creative) and ref.shared_creative[k] == creative:
        return ref.shared_cell[k]
    return np.uint64(0)


@njit(cache=True)
def _creative_cell(x, creative, ref):  # type: ignore[no-untyped-def]
    """What a creative counts for, 0 unknown."""
    if creative == 0:
        return np.uint64(0)
    k = find_live(x, creative)
    return x.live_cell[k] if k >= 0 else _shared_cell(ref, creative)


@njit(cache=True)
def _act_cell(x, ts, imp, creative, ref):  # type: ignore[no-untyped-def]
    """Where a click, like, hide or report belongs: its impression, else its creative; 0 = nowhere yet."""
    k = find_shown(x, imp)
    if k >= 0 and abs(np.int64(x.shown_ts[k]) - np.int64(ts)) <= CLICK_WINDOW_S:
        return x.shown_cell[k]
    cell = _creative_cell(x, creative, ref)
    if cell or creative == 0:
        return cell
    for k in range(np.int64(x.n_shown) - 1, -1, -1):
        if x.shown_creative[k] == creative and abs(np.int64(x.shown_ts[k]) - np.int64(ts)) <= CLICK_WINDOW_S:
            return x.shown_cell[k]
    return np.uint64(0)


@njit(cache=True)
def _touch(x, ts, imp, ref):  # type: ignore[no-untyped-def]
    """(cell, ts) of the touch a conversion belongs to; cell 0 = none."""
    cell, touch_ts = np.uint64(0), np.int64(0)
    if imp:
        k = find_shown(x, imp)
        return (x.shown_cell[k], np.int64(x.shown_ts[k])) if k >= 0 else (cell, touch_ts)
    first = np.int64(ts) - ref.attribution_s
    for k in range(np.int64(x.n_shown)):
        at = np.int64(x.shown_ts[k])
        if x.shown_cell[k] and first <= at <= ts and (at > touch_ts or (at == touch_ts and x.shown_cell[k] > cell)):
            cell, touch_ts = x.shown_cell[k], at
    for k in range(np.int64(x.n_acts)):
        at = np.int64(x.act_ts[k])
        if x.act_field[k] == ATTRIBUTED | _CLICKS and first <= at <= ts and (at > touch_ts or (at == touch_ts and x.act_cell[k] > cell)):
            cell, touch_ts = x.act_cell[k], at
    return cell, touch_ts


@njit(cache=True)
def _settle(x, e, ref, deltas, n, tally):  # type: ignore[no-untyped-def]
    """Move acts and conversions to where they belong now."""
    for k in range(np.int64(x.n_acts)):
        cell = _act_cell(x, x.act_ts[k], x.act_imp[k], x.act_creative[k], ref)
        if cell and cell != x.act_cell[k]:
            field = x.act_field[k] & 127
            n = _emit(deltas, n, x.act_cell[k], x.act_ts[k], field, -1, 0, 0, 0, e)
            n = _emit(deltas, n, cell, x.act_ts[k], field, 1, 0, 0, 0, e)
            x.act_cell[k] = cell
            tally[3] += 1
        if cell:
            x.act_field[k] |= ATTRIBUTED
    for k in range(np.int64(x.n_sales)):
        cell, touch_ts = _touch(x, np.int64(x.sale_ts[k]), x.sale_imp[k], ref)
        if cell and touch_ts >= x.sale_touch_ts[k]:
            if cell != x.sale_cell[k]:
                n = _emit(deltas, n, x.sale_cell[k], x.sale_ts[k], _SALES, -1, 0, x.sale_currency[k], x.sale_value[k], e)
                n = _emit(deltas, n, cell, x.sale_ts[k], _SALES, 1, 0, x.sale_currency[k], x.sale_value[k], e)
                x.sale_cell[k] = cell
                tally[3] += 1
            x.sale_touch_ts[k] = touch_ts
    return n


@njit(cache=True)
def _impression(x, e, ts, key, ref, deltas, n, tally):  # type: ignore[no-untyped-def]
    cell = _creative_cell(x, e.creative, ref)
    if cell == 0:
        cell = e.cell
    nth = 0
    if e.creative:
        for k in range(np.int64(x.n_shown)):
            nth += x.shown_creative[k] == e.creative
    nth = min(nth, NTH)
    live = find_live(x, e.creative)
    if live >= 0 and x.live_shown[live] < 65_535:
        x.live_shown[live] += 1
    if e.slot:
        x.slots |= 1 << (e.slot - 1)
    micros = min(max(e.value_minor, 0), 4_294_967_295)
    if cell:
        n = _emit(deltas, n, cell, ts, _IMPRESSIONS, 1, nth, e.currency, micros, key)
    tally[0] += add_shown(x, ts, e.imp, e.creative, cell, micros, e.currency, nth)
    if x.n_acts or x.n_sales:
        n = _settle(x, key, ref, deltas, n, tally)
    return n


@njit(cache=True)
def _viewable(x, e, ts, key, ref, deltas, n):  # type: ignore[no-untyped-def]
    """Counted in the window of its exposure, so that the two move together."""
    k = find_shown(x, e.imp)
    if k >= 0:
        if x.shown_flags[k] & VIEWED == 0 and x.shown_cell[k]:
            n = _emit(deltas, n, x.shown_cell[k], x.shown_ts[k], _VIEWS, 1, 0, 0, 0, key)
        x.shown_flags[k] |= VIEWED
        return n
    cell = _creative_cell(x, e.creative, ref)
    if cell == 0:
        cell = e.cell
    return _emit(deltas, n, cell, ts, _VIEWS, 1, 0, 0, 0, key) if cell else n


@njit(cache=True)
def _act(x, e, ts, field, key, ref, deltas, n, tally):  # type: ignore[no-untyped-def]
    cell = _act_cell(x, ts, e.imp, e.creative, ref)
    tally[1 if cell else 2] += 1
    flags = field | ATTRIBUTED if cell else field
    if cell == 0:
        cell = e.cell
    n = _emit(deltas, n, cell, ts, field, 1, 0, 0, 0, key)
    tally[0] += add_act(x, ts, e.imp, e.creative, cell, flags)
    if x.n_sales and field == _CLICKS:
        n = _settle(x, key, ref, deltas, n, tally)
    return n


@njit(cache=True)
def _sale(x, e, ts, key, ref, deltas, n, tally):  # type: ignore[no-untyped-def]
    cell, touch_ts = _touch(x, ts, e.imp, ref)
    if cell == 0:
        cell = e.cell
    n = _emit(deltas, n, cell, ts, _SALES, 1, 0, e.currency, e.value_minor, key)
    tally[0] += add_sale(x, ts, e.value_minor, e.currency, e.imp, cell, touch_ts)
    return n


@njit(cache=True)
def _reached(x, e, ts, ref):  # type: ignore[no-untyped-def]
    """Whether this impression of a live creative reached one of its campaign's caps."""
    live = find_live(x, e.creative)
    if live < 0 or x.live_state[live] != IS_LIVE:
        return False
    campaign = x.live_cell[live] >> np.uint64(CAMPAIGN_SHIFT)
    k = np.searchsorted(ref.cap_campaign, campaign)
    while k < len(ref.cap_campaign) and ref.cap_campaign[k] == campaign:
        if shown_count(x, e.creative, campaign, ts, ref.cap_per_s[k], ref.cap_creative[k]) >= ref.cap_n[k]:
            return True
        k += 1
    return False


@njit(cache=True)
def shown_count(x, creative, campaign, ts, per_s, per_creative):  # type: ignore[no-untyped-def]
    """Impressions of a creative or campaign in the last `per_s` seconds before ts (0 = ever), among the exposures kept."""
    count = 0
    for k in range(np.int64(x.n_shown)):
        same = x.shown_creative[k] == creative if per_creative else x.shown_cell[k] >> np.uint64(CAMPAIGN_SHIFT) == campaign
        if same and (per_s == 0 or np.int64(x.shown_ts[k]) > ts - per_s):
            count += 1
    if per_creative and per_s == 0:
        live = find_live(x, creative)
        if live >= 0:
            count = max(count, int(x.live_shown[live]))
    return count


@njit(cache=True)
def _join(exposures, events, start, stop, ref, deltas, capped, tally):  # type: ignore[no-untyped-def]
    n, n_capped = 0, 0
    for i in range(start, stop):
        e = events[i]
        if e.status != _APPLIED or e.purposes & _MEASURE == 0:
            continue
        x, ts, key = exposures[e.user], e.ts // 1000, (e.source, e.offset)
        if ts > x.newest_s:
            x.newest_s = ts
        if e.kind == _IMPRESSION:
            n = _impression(x, e, ts, key, ref, deltas, n, tally)
            if _reached(x, e, ts, ref):
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
    return n, n_capped


@njit(cache=True)
def _know(exposures, user, creative, cell, source, offset, ref, deltas, tally):  # type: ignore[no-untyped-def]
    x, key, n = exposures[user], (source, offset), 0
    for k in range(np.int64(x.n_shown)):
        if x.shown_creative[k] == creative and x.shown_cell[k] != cell:
            old, ts, flags, micros = x.shown_cell[k], x.shown_ts[k], x.shown_flags[k], np.int64(x.shown_micros[k])
            for place, sign in ((old, -1), (cell, 1)):
                if place:
                    n = _emit(deltas, n, place, ts, _IMPRESSIONS, sign, flags & NTH, x.shown_currency[k], micros, key)
                    if flags & VIEWED:
                        n = _emit(deltas, n, place, ts, _VIEWS, sign, 0, 0, 0, key)
            x.shown_cell[k] = cell
    return _settle(x, key, ref, deltas, n, tally)
