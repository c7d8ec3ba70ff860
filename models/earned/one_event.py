"""What one event does to row `x`: it takes its place, is counted where it belongs, and may move what came
before it (models/earned/joins.py)."""

from __future__ import annotations

import numpy as np

from models.earned.attribution import (
    BOT_CLICKED,
    BOT_SHOWN,
    EVICTED,
    FOUND,
    N_TOLD,
    NO_MONEY,
    NOWHERE,
    REPEATS,
    TOO_FAST,
    UNCOUNTED,
    UNCREDITED,
    UNSEEN,
    act_cell,
    creative_cell,
    emit,
)
from models.earned.caps import count_towards_caps
from models.earned.counters import Field
from models.earned.credit import may_move, settle, settle_sales, touch_of
from models.earned.exposures import (
    ATTRIBUTED,
    BOT,
    BOT_ACT,
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
from models.earned.settled import closes_s, fill_told
from models.earned.showings import emit_shown, recount_clicked
from models.earned.told import context_of
from models.earned.touches import add_act, add_sale
from models.event.layout import FROM_BOT
from models.kernels.compiled import part

_VIEWS, _CLICKS, _SALES = int(Field.VIEWABLE), int(Field.CLICKS), int(Field.CONVERSIONS)


@part
def join_impression(x, e, key, ref, clock_s, out):  # type: ignore[no-untyped-def]
    """An impression takes its place in row x; what came before it may move there."""
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
        fill_told(x, victim, user, ref, clock_s, out.told[out.numbers[N_TOLD]])
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
def join_view(x, e, key, ref, out):  # type: ignore[no-untyped-def]
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
def join_act(x, e, field, key, ref, out):  # type: ignore[no-untyped-def]
    """A click or reaction, counted as `field` where what it follows was, else where it says itself."""
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
def join_play(x, e, field, key, ref, out):  # type: ignore[no-untyped-def]
    """How far a clip was played, counted as a reaction is. One of a known creative can never move: it is not
    kept, for a clip tells five."""
    cell = creative_cell(x, e.creative, ref)
    if cell == 0:
        join_act(x, e, field, key, ref, out)
        return
    out.numbers[FOUND] += 1
    emit(out, key, cell, e.ts // 1000, field, 1, NO_MONEY)


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
def join_sale(x, e, key, ref, out):  # type: ignore[no-untyped-def]
    """A conversion, counted with its money where the touch that earned it was."""
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
