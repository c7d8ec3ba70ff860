"""Which exposure a click or a reaction belongs to, and whether a click counts.

A click is invalid when a bot made it, when there is no exposure for it, when it comes too soon after its
exposure for a person, and when the exposure has been clicked before. Nothing of that depends on the order in
which the topics are read: a click that waits for its impression is judged again when that arrives, and of two
clicks on one exposure the earlier counts, whichever is read first. Where an exposure left the list that may
have been that of a click, the click counts.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from models.earned.counters import Field
from models.earned.exposures import BOT, BOT_ACT, MS, REPEATED, UNFIT, WHAT, find_shown
from models.kernels.compiled import part

CLICK_WINDOW_S: Final = 86_400
"""A click is moved to its impression when they are at most this far apart."""
TOO_FAST_MS: Final = 300
"""A click sooner than this after its exposure is no person's: to see a change and press a key, without
reading or aiming, takes 231 ms on average (Woods et al. 2015, doi:10.3389/fnhum.2015.00131). Settings may say
otherwise."""
INVALID: Final = BOT_ACT | REPEATED | UNFIT
"""Bits of `act_field`: a click with one of them counts as invalid."""

_CLICKS, _INVALID_CLICKS = int(Field.CLICKS), int(Field.INVALID_CLICKS)


@part
def counted_field(field):  # type: ignore[no-untyped-def]
    """Under which counter an act counts, given its bits."""
    what = np.int64(field) & WHAT
    return _INVALID_CLICKS if what == _CLICKS and field & INVALID else what


@part
def shown_for(x, ts, ms, imp, creative):  # type: ignore[no-untyped-def]
    """Index of the exposure that an act belongs to: the one it names, else the latest of its creative before
    it; -1 none."""
    if imp:
        k = find_shown(x, imp)
        return k if k >= 0 and abs(np.int64(x.shown_ts[k]) - np.int64(ts)) <= CLICK_WINDOW_S else -1
    if creative:
        for k in range(np.int64(x.n_shown) - 1, -1, -1):
            if x.shown_creative[k] == creative:
                after_ms = _after_ms(x, k, ts, ms)
                if 0 <= after_ms <= CLICK_WINDOW_S * 1000:
                    return k
    return -1


@part
def shown_for_act(x, k):  # type: ignore[no-untyped-def]
    """The same of act k."""
    return shown_for(x, x.act_ts[k], x.act_ms[k], x.act_imp[k], x.act_creative[k])


@part
def judged_new(x, field, at, imp, creative, ref):  # type: ignore[no-untyped-def]
    """Bits of a click that arrives; `at`: (s, ms)."""
    place = shown_for(x, at[0], at[1], imp, creative)
    if field & BOT_ACT:
        return field
    if place < 0:
        return field if may_have_left(x, at[0]) else field | UNFIT
    return _judged(x, field, place, at[0], at[1], ref, np.int64(x.n_acts), False)


@part
def may_have_left(x, ts):  # type: ignore[no-untyped-def]
    """Whether the exposure of a click at `ts` may have left the list."""
    return x.shown_lost_s > 0 and np.int64(x.shown_lost_s) >= np.int64(ts) - CLICK_WINDOW_S


@part
def judged_act(x, k, ref):  # type: ignore[no-untyped-def]
    """Bits of act k, given what the row holds now; those before it are judged already. What has lost its
    exposure stays as it was."""
    field = np.int64(x.act_field[k])
    if field & WHAT != _CLICKS or field & BOT_ACT:
        return field
    place = shown_for_act(x, k)
    if place < 0:
        return field
    return _judged(x, field & ~(REPEATED | UNFIT), place, x.act_ts[k], x.act_ms[k], ref, k, True)


@part
def _judged(x, field, place, ts, ms, ref, before, listed):  # type: ignore[no-untyped-def]
    """`before`: the acts that may have been first on the exposure; `listed`: all of them were."""
    if x.shown_flags[place] & BOT or 0 <= _after_ms(x, place, ts, ms) < ref.too_fast_ms:
        return field | UNFIT
    if x.shown_click_ts[place]:
        return field | REPEATED
    for j in range(before):
        earlier = listed or x.act_ts[j] < ts or (x.act_ts[j] == ts and x.act_ms[j] <= ms)
        counts = np.int64(x.act_field[j]) & WHAT == _CLICKS and x.act_field[j] & INVALID == 0
        if earlier and counts and shown_for_act(x, j) == place:
            return field | REPEATED
    return field


@part
def _after_ms(x, k, ts, ms):  # type: ignore[no-untyped-def]
    """Milliseconds from exposure k to an act."""
    return (np.int64(ts) - np.int64(x.shown_ts[k])) * 1000 + np.int64(ms) - np.int64(x.shown_ms[k] & MS)
