"""Which cells and campaigns a user was shown, and when last: it tells whether a showing is the user's first
of one long after the exposures before it have left row `x`. Of more than MET the one longest unseen goes.

A campaign stands there as the cell whose low bits are 0, which none has. A key has 32 bits: of 64 that are
kept another one is taken for one of them once in 67 million.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from models.earned.exposures import BOT, CAMPAIGN_SHIFT, MET
from models.kernels.compiled import part

_MIX: Final = 0x9E3779B97F4A7C15


@part
def campaign_of(cell):  # type: ignore[no-untyped-def]
    """What a cell's campaign stands for."""
    return cell >> np.uint64(CAMPAIGN_SHIFT) << np.uint64(CAMPAIGN_SHIFT)


@part
def met_key_of(place):  # type: ignore[no-untyped-def]
    """The key of a cell or campaign."""
    return np.int64((place * np.uint64(_MIX)) >> np.uint64(32))


@part
def meet(x, place, ts):  # type: ignore[no-untyped-def]
    """Note a showing of a cell or campaign. Returns the time since which there was surely no other, -1 where
    there was none at all; and whether it is that of one, else of what had to go."""
    key = met_key_of(place)
    at, known = _place(x, key)
    if known:
        newest = np.int64(x.met_newest[at])
        x.met_newest[at] = max(newest, ts)
        return newest, True
    lost_s = none_if_zero(x.met_lost_s)
    if x.n_met == MET:
        oldest = np.int64(np.argmin(x.met_newest))
        lost = min(np.int64(x.met_newest[oldest]), ts)
        x.met_lost_s = max(np.int64(x.met_lost_s), lost)
        if ts < x.met_newest[oldest]:
            return lost_s, False
        _drop(x, oldest)
        at -= oldest < at
    for k in range(np.int64(x.n_met), at, -1):
        x.met_key[k], x.met_newest[k] = x.met_key[k - 1], x.met_newest[k - 1]
    x.met_key[at], x.met_newest[at] = key, ts
    x.n_met += 1
    return lost_s, False


@part
def none_if_zero(lost_s):  # type: ignore[no-untyped-def]
    """-1 where nothing was lost."""
    return np.int64(lost_s) if lost_s else np.int64(-1)


@part
def leave(x, place, own, of_campaign):  # type: ignore[no-untyped-def]
    """The exposure at `own` is no showing of a cell or campaign after all: the newest other one counts."""
    at, known = _place(x, met_key_of(place))
    if not known:
        return
    newest = np.int64(-1)
    for k in range(np.int64(x.n_shown)):
        other = campaign_of(x.shown_cell[k]) if of_campaign else x.shown_cell[k]
        if k != own and other == place and x.shown_flags[k] & BOT == 0:
            newest = max(newest, np.int64(x.shown_ts[k]))
    if newest < 0:
        _drop(x, at)
    else:
        x.met_newest[at] = newest


@part
def _place(x, key):  # type: ignore[no-untyped-def]
    """Where a key stands or would stand, and whether it does."""
    low, high = np.int64(0), np.int64(x.n_met)
    while low < high:
        middle = (low + high) // 2
        if x.met_key[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low, low < x.n_met and x.met_key[low] == key


@part
def _drop(x, at):  # type: ignore[no-untyped-def]
    last = np.int64(x.n_met) - 1
    for k in range(at, last):
        x.met_key[k], x.met_newest[k] = x.met_key[k + 1], x.met_newest[k + 1]
    x.met_key[last], x.met_newest[last] = 0, 0
    x.n_met = last
