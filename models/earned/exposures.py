"""Row `x`: what one user was shown and did about it, and the event ids seen last.

What must outlive the list of exposures has lists of its own: counts towards frequency caps
(models/earned/caps.py), attributed clicks, conversions (models/earned/touches.py). Lists are sorted by event
time (seconds), so their content does not depend on the order in which topics were read. The oldest entry
makes room for a newer one (of more than WAITING exposures of unknown creatives, the oldest of these; of
clicks, the oldest that is attributed); what leaves is final and counted as an eviction.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba.types import int64, uint64

from models.earned.cap_limits import CAP_TIMES
from models.kernels.argument_types import record
from models.kernels.compiled import kernel, part
from models.row import HEADER

IDS: Final = 64
"""Event ids remembered per user."""
_SHOWN: Final = 24
"""Exposures kept."""
WAITING: Final = 4
"""Exposures of unknown creatives, whose record may still come, that a full list keeps."""
ACTS: Final = 5
"""Clicks, likes, hides and reports kept: until their impression arrives, and as touches; beside them how far
clips of creatives not known yet were played."""
CONVERSIONS: Final = 8
CLICKED: Final = 8
"""Attributed clicks kept as touches after they left the list of acts."""
LIVE: Final = 6
"""Creatives kept with what they count for: the live ones and those just replaced."""
CAPPED: Final = 16
"""Campaigns and creatives with a frequency cap that are counted at a time."""

CAMPAIGN_BITS: Final = 28
CAMPAIGN_SHIFT: Final = 64 - CAMPAIGN_BITS
"""A cell is 28 bits of hash(campaign), then 36 bits of hash(slot, arm, template, segment): caps need the
campaign alone."""

EXPOSURES: Final = np.dtype(
    [
        *HEADER.descr,
        ("id", "<u8", (IDS,)),
        ("id_hour", "u1", (IDS,)),  # hour of the append time, modulo 256
        ("shown_imp", "<u8", (_SHOWN,)),
        ("shown_creative", "<u8", (_SHOWN,)),
        ("shown_cell", "<u8", (_SHOWN,)),
        ("shown_ts", "<u4", (_SHOWN,)),  # s
        ("shown_micros", "<u4", (_SHOWN,)),  # cost
        ("shown_currency", "u1", (_SHOWN,)),
        ("shown_flags", "u1", (_SHOWN,)),  # NTH ... PARTIAL
        ("shown_ms", "<u2", (_SHOWN,)),  # of its second: the low 10 bits; CLICK_COUNTED
        ("shown_context", "<u2", (_SHOWN,)),  # models.earned.settled.context_of
        # what came of it and left the lists of acts and conversions
        ("shown_click_ts", "<u4", (_SHOWN,)),  # s, of the click that counts, 0 none
        ("shown_acts", "u1", (_SHOWN,)),  # LIKED, HIDDEN, REPORTED; above them the number of invalid clicks
        ("shown_sales", "u1", (_SHOWN,)),  # how many conversions
        ("shown_value", "<i8", (_SHOWN,)),  # and their value, minor units
        ("shown_paid", "u1", (_SHOWN,)),  # its currency
        ("sale_ts", "<u4", (CONVERSIONS,)),  # s
        ("sale_value", "<i8", (CONVERSIONS,)),  # minor units
        ("sale_cell", "<u8", (CONVERSIONS,)),  # counted there
        ("sale_touch_ts", "<u4", (CONVERSIONS,)),  # s, of the touch it is attributed to, 0 none
        ("sale_touch", "u1", (CONVERSIONS,)),  # models.earned.credit.Touch
        ("sale_name", "<u8", (CONVERSIONS,)),  # the impression or click the producer named, 0 none
        ("sale_currency", "u1", (CONVERSIONS,)),
        ("act_ts", "<u4", (ACTS,)),  # s
        ("act_ms", "<u2", (ACTS,)),  # of its second
        ("act_id", "<u4", (ACTS,)),  # low half of the event's id
        ("act_imp", "<u8", (ACTS,)),
        ("act_creative", "<u8", (ACTS,)),
        ("act_cell", "<u8", (ACTS,)),  # counted there
        ("act_field", "u1", (ACTS,)),  # models.earned.counters.Field; BOT_ACT ... ATTRIBUTED
        ("live_creative", "<u8", (LIVE,)),
        ("live_cell", "<u8", (LIVE,)),
        ("live_expires", "<u4", (LIVE,)),  # s
        ("live_slot", "u1", (LIVE,)),  # models.event.layout.EVENT["slot"]
        ("live_state", "u1", (LIVE,)),  # 1 live, 2 replaced or withdrawn: late events still find it
        ("sale_order", "<u4", (CONVERSIONS,)),  # models.event.layout.EVENT["order"]
        ("click_cell", "<u8", (CLICKED,)),
        ("click_ts", "<u4", (CLICKED,)),  # s
        ("click_id", "<u4", (CLICKED,)),  # as act_id
        ("cap_key", "<u4", (CAPPED,)),  # ascending, models.earned.caps.cap_key_of
        ("cap_total", "<u4", (CAPPED,)),  # impressions ever
        ("cap_newest", "<u4", (CAPPED,)),  # s
        ("cap_ts", "<u4", (CAP_TIMES,)),  # s, ascending
        ("cap_at", "u1", (CAP_TIMES,)),  # index of its key
        ("cap_short", "u1", (CAPPED,)),  # 1: a time of it was given up
        ("cap_missed", "<u8"),  # bit k: an impression of a key with this mark, not counted here, is missing
        ("cap_missed_s", "<u4"),  # s, the newest time given up or impression missing
        ("shown_lost_s", "<u4"),  # s, the newest exposure that left the list
        ("newest_s", "<u4"),  # newest event time
        ("slots", "<u2"),  # bit k: slot k + 1 was seen
        ("n_shown", "u1"),
        ("n_sales", "u1"),
        ("n_acts", "u1"),
        ("n_live", "u1"),
        ("id_next", "u1"),
        ("n_clicks", "u1"),
        ("n_caps", "u1"),
        ("n_cap_ts", "u1"),
        ("room", "u1", (7,)),
    ]
)

IS_LIVE: Final = 1
IS_GONE: Final = 2
_NOBODY: Final = -1
THIS_ONE: Final = -2

NTH: Final = 7
"""Bits of `shown_flags`: how many times the creative had been shown before;"""
VIEWED: Final = 8
BOT: Final = 16
"""shown to a bot: counted as invalid, earns nothing;"""
OURS: Final = 32
"""its creative is one that we made;"""
SETTLED: Final = 64
"""told on ads.exposure.v1;"""
PARTIAL: Final = 128
"""a conversion left it that its numbers could not hold."""

MS: Final = 1023
CLICK_COUNTED: Final = 1 << 15
"""Bit of `shown_ms`: counted among the exposures that were clicked."""

LIKED, HIDDEN, REPORTED = 1, 2, 4
INVALID_CLICK: Final = 8
"""One more invalid click, of at most 31."""

WHAT: Final = 15
"""Bits of `act_field`: what it is;"""
BOT_ACT: Final = 16
"""a click by a bot;"""
REPEATED: Final = 32
"""one after the first on its exposure;"""
UNFIT: Final = 64
"""one without an exposure, or too soon after it;"""
ATTRIBUTED: Final = 128
"""its cell is known."""


@kernel(record(EXPOSURES), uint64)
def find_live(x, creative):  # type: ignore[no-untyped-def]
    """Index among the user's own creatives, -1 none."""
    if creative:
        for k in range(np.int64(x.n_live)):
            if x.live_creative[k] == creative:
                return k
    return -1


@part
def find_shown(x, imp):  # type: ignore[no-untyped-def]
    """Index of the exposure with this impression id, -1 none."""
    if imp:
        for k in range(np.int64(x.n_shown) - 1, -1, -1):
            if x.shown_imp[k] == imp:
                return k
    return -1


@part
def place_to_give(x, ts, imp, cell):  # type: ignore[no-untyped-def]
    """Which exposure makes room for one more: its index, -1 = there is room, THIS_ONE = the new one."""
    if x.n_shown < _SHOWN:
        return _NOBODY
    victim, known = _victim(x, cell == 0)
    if (known or cell == 0) and (
        ts < x.shown_ts[victim] or (ts == x.shown_ts[victim] and imp < x.shown_imp[victim])
    ):
        return THIS_ONE
    return victim


@part
def add_shown(x, victim, at, imp, creative, cell, cost, flags, context):  # type: ignore[no-untyped-def]
    """Keep an exposure in the place of `victim` (place_to_give). `at`: (s, ms); `cost`: (micros, currency).
    Returns how many were evicted: 0 or 1, which may be this one."""
    ts: Any = at[0]
    if victim == THIS_ONE:
        x.shown_lost_s = max(np.int64(x.shown_lost_s), ts)
        return 1
    n: Any = np.int64(x.n_shown)
    if victim >= 0:
        x.shown_lost_s = max(np.int64(x.shown_lost_s), np.int64(x.shown_ts[victim]))
        _drop_shown(x, victim)
        n -= 1
    k = n
    while k > 0 and (x.shown_ts[k - 1] > ts or (x.shown_ts[k - 1] == ts and x.shown_imp[k - 1] > imp)):
        _copy_shown(x, k - 1, k)
        k -= 1
    x.shown_ts[k], x.shown_imp[k], x.shown_creative[k], x.shown_cell[k] = ts, imp, creative, cell
    x.shown_micros[k], x.shown_currency[k], x.shown_flags[k] = cost[0], cost[1], flags
    x.shown_ms[k], x.shown_context[k], x.shown_click_ts[k], x.shown_acts[k] = at[1], context, 0, 0
    x.shown_sales[k], x.shown_value[k], x.shown_paid[k] = 0, 0, 0
    x.n_shown = n + 1
    return int(victim >= 0)


@part
def _victim(x, waiting):  # type: ignore[no-untyped-def]
    """Which exposure of a full list makes room, and whether it is known: the oldest, or the oldest that waits
    where too many do."""
    first = -1
    for k in range(_SHOWN - 1, -1, -1):
        if x.shown_cell[k] == 0:
            waiting, first = waiting + 1, k
    return (first, False) if waiting > WAITING and first >= 0 else (0, True)


@part
def _drop_shown(x, at):  # type: ignore[no-untyped-def]
    """Those behind it move up; field by field, which a processor does many at a time."""
    for column in (x.shown_imp, x.shown_creative, x.shown_cell):
        for j in range(at, _SHOWN - 1):
            column[j] = column[j + 1]
    for j in range(at, _SHOWN - 1):
        x.shown_value[j] = x.shown_value[j + 1]
    for column in (x.shown_ts, x.shown_micros, x.shown_click_ts):
        for j in range(at, _SHOWN - 1):
            column[j] = column[j + 1]
    for column in (x.shown_ms, x.shown_context):
        for j in range(at, _SHOWN - 1):
            column[j] = column[j + 1]
    for column in (x.shown_currency, x.shown_flags, x.shown_acts, x.shown_sales, x.shown_paid):
        for j in range(at, _SHOWN - 1):
            column[j] = column[j + 1]


@part
def _copy_shown(x, a, b):  # type: ignore[no-untyped-def]
    x.shown_ts[b], x.shown_imp[b], x.shown_creative[b], x.shown_cell[b] = (
        x.shown_ts[a],
        x.shown_imp[a],
        x.shown_creative[a],
        x.shown_cell[a],
    )
    x.shown_micros[b], x.shown_currency[b], x.shown_flags[b] = (
        x.shown_micros[a],
        x.shown_currency[a],
        x.shown_flags[a],
    )
    x.shown_ms[b], x.shown_context[b], x.shown_click_ts[b] = (
        x.shown_ms[a],
        x.shown_context[a],
        x.shown_click_ts[a],
    )
    x.shown_acts[b], x.shown_sales[b], x.shown_value[b], x.shown_paid[b] = (
        x.shown_acts[a], x.shown_sales[a], x.shown_value[a], x.shown_paid[a],
    )  # fmt: skip


@kernel(record(EXPOSURES), uint64, uint64, int64, int64)
def add_live(x, creative, cell, expires, slot):  # type: ignore[no-untyped-def]
    """Note a creative of the user's own as live; the newest stands last. Returns its index."""
    n = np.int64(x.n_live)
    if n == LIVE:
        _drop_live(x, _least_useful(x))
        n -= 1
    x.live_creative[n], x.live_cell[n], x.live_expires[n], x.live_slot[n], x.live_state[n] = (
        creative,
        cell,
        expires,
        slot,
        IS_LIVE,
    )
    x.n_live = n + 1
    return n


@part
def _least_useful(x):  # type: ignore[no-untyped-def]
    """The oldest creative that is no longer live, else the oldest."""
    for k in range(np.int64(x.n_live)):
        if x.live_state[k] == IS_GONE:
            return k
    return 0


@part
def _drop_live(x, at):  # type: ignore[no-untyped-def]
    last = np.int64(x.n_live) - 1
    for k in range(at, last):
        x.live_creative[k], x.live_cell[k], x.live_expires[k], x.live_slot[k], x.live_state[k] = (
            x.live_creative[k + 1], x.live_cell[k + 1], x.live_expires[k + 1], x.live_slot[k + 1],
            x.live_state[k + 1],
        )  # fmt: skip
    x.live_creative[last], x.live_cell[last], x.live_expires[last] = 0, 0, 0
    x.live_slot[last], x.live_state[last] = 0, 0
    x.n_live = last
