"""Which cells and campaigns the exposures that left row `x` showed, and when last: with those that are kept
it tells whether a showing is the user's first of one. Of more than MET the one longest unseen goes. A row
whose exposures all have room has nothing here.

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
    return np.uint32((place * np.uint64(_MIX)) >> np.uint64(32))


@part
def remember(x, cell, ts, flags):  # type: ignore[no-untyped-def]
    """An exposure at `ts` (s) leaves the list; of nobody's cell and of a bot it was no showing."""
    if cell and flags & BOT == 0:
        _meet(x, campaign_of(cell), np.int64(ts))
        _meet(x, cell, np.int64(ts))


@part
def met_since(x, place):  # type: ignore[no-untyped-def]
    """The time since which no showing of a cell or campaign left the list, -1 where none ever did; and
    whether it is that of one, else of what had to go."""
    key = met_key_of(place)
    at = _place_of(x, key)
    if at < x.n_met and x.met_key[at] == key:
        return np.int64(x.met_newest[at]), True
    return none_if_zero(x.met_lost_s), False


@part
def none_if_zero(lost_s):  # type: ignore[no-untyped-def]
    """-1 where nothing was lost."""
    return np.int64(lost_s) if lost_s else np.int64(-1)


@part
def _meet(x, place, ts):  # type: ignore[no-untyped-def]
    key = met_key_of(place)
    at = _place_of(x, key)
    if at < x.n_met and x.met_key[at] == key:
        x.met_newest[at] = max(np.int64(x.met_newest[at]), ts)
        return
    if x.n_met == MET:
        oldest = np.int64(np.argmin(x.met_newest))
        lost = np.int64(x.met_newest[oldest])
        x.met_lost_s = max(np.int64(x.met_lost_s), min(lost, ts))
        if ts < lost:
            return
        _drop(x, oldest)
        at -= oldest < at
    for column in (x.met_key, x.met_newest):
        for k in range(np.int64(x.n_met), at, -1):
            column[k] = column[k - 1]
    x.met_key[at], x.met_newest[at] = key, ts
    x.n_met += 1


@part
def _place_of(x, key):  # type: ignore[no-untyped-def]
    """Where a key stands or would stand: how many are less, counted without a branch. Behind the last stand
    zeros, which are less than every key but 0."""
    less = np.int64(0)
    for k in range(MET):
        less += x.met_key[k] < key
    return max(less - (MET - np.int64(x.n_met)), np.int64(0))


@part
def _drop(x, at):  # type: ignore[no-untyped-def]
    last = np.int64(x.n_met) - 1
    for column in (x.met_key, x.met_newest):
        for k in range(at, last):
            column[k] = column[k + 1]
        column[last] = 0
    x.n_met = last
