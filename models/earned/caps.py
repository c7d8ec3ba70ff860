"""Frequency caps: how often a creative or a campaign was shown to a user in rolling time.

Row `x` counts for each capped campaign and creative of its own, whatever else the user is shown: all
impressions ever, and the times of the last ones, as many as its largest cap allows and as its longest window
reaches back. A campaign that gets its first cap is counted from then on.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba.types import bool_, int64, uint64

from models.earned.exposures import CAMPAIGN_SHIFT, CAP_TIMES, CAPPED, EXPOSURES, IS_LIVE, find_live
from models.kernels.argument_types import record
from models.kernels.compiled import kernel, part

_CREATIVE: Final = 1 << 31
"""Keys of creatives have this bit and the low ones of their number, those of campaigns their 28 bits."""


@part
def cap_key_of(creative, campaign, per_creative):  # type: ignore[no-untyped-def]
    """What counts: the creative or its campaign."""
    return np.int64(creative & np.uint64(_CREATIVE - 1)) | _CREATIVE if per_creative else np.int64(campaign)


@part
def reached(x, e, ts, ref):  # type: ignore[no-untyped-def]
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


@kernel(record(EXPOSURES), uint64, uint64, int64, int64, bool_)
def shown_count(x, creative, campaign, ts, per_s, per_creative):  # type: ignore[no-untyped-def]
    """Impressions of a creative or campaign in the last `per_s` seconds before ts (0 = ever)."""
    at, known = _place(x, cap_key_of(creative, campaign, per_creative))
    if not known:
        return 0
    if per_s == 0:
        return np.int64(x.cap_total[at])
    count = 0
    for k in range(np.int64(x.n_cap_ts)):
        count += x.cap_at[k] == at and np.int64(x.cap_ts[k]) > ts - per_s
    return count


@part
def count_towards_caps(x, creative, cell, ts, ref):  # type: ignore[no-untyped-def]
    """Note an impression where its campaign has caps. Returns how much had to be forgotten to make room."""
    campaign, forgotten = cell >> np.uint64(CAMPAIGN_SHIFT), 0
    first = np.searchsorted(ref.cap_campaign, campaign)
    if first == len(ref.cap_campaign) or ref.cap_campaign[first] != campaign:
        return forgotten
    for per_creative in (False, True):
        capped, most, longest_s = _largest_cap(ref, creative, campaign, per_creative)
        if capped:
            forgotten += note_shown(x, cap_key_of(creative, campaign, per_creative), ts, most, longest_s)
    return forgotten


@part
def uncount_from_caps(x, creative, cell, ts, ref):  # type: ignore[no-untyped-def]
    """An impression was counted for another campaign than it belongs to."""
    campaign = cell >> np.uint64(CAMPAIGN_SHIFT)
    for per_creative in (False, True):
        at, known = _place(x, cap_key_of(creative, campaign, per_creative))
        if not known or not _largest_cap(ref, creative, campaign, per_creative)[0]:
            continue
        x.cap_total[at] -= 1
        for k in range(np.int64(x.n_cap_ts)):
            if x.cap_at[k] == at and x.cap_ts[k] == ts:
                _drop_time(x, k)
                break
        if x.cap_total[at] == 0:
            _drop_key(x, at)


@part
def _largest_cap(ref, creative, campaign, per_creative):  # type: ignore[no-untyped-def]
    """Whether a campaign has caps of that scope, and of those in rolling time the largest n and window."""
    capped, most, longest_s = False, np.int64(0), np.int64(0)
    k = np.searchsorted(ref.cap_campaign, campaign)
    while k < len(ref.cap_campaign) and ref.cap_campaign[k] == campaign:
        if ref.cap_creative[k] == per_creative and (creative or not per_creative):
            capped = True
            if ref.cap_per_s[k]:
                most, longest_s = max(most, ref.cap_n[k]), max(longest_s, ref.cap_per_s[k])
        k += 1
    return capped, most, longest_s


@part
def note_shown(x, key, ts, most, longest_s):  # type: ignore[no-untyped-def]
    """Count an impression under a key of which the `most` newest times within `longest_s` seconds matter.
    Returns how much had to be forgotten to make room."""
    at, forgotten = _open_key(x, key)
    x.cap_total[at] += 1
    x.cap_newest[at] = max(np.int64(x.cap_newest[at]), ts)
    since = np.int64(x.cap_newest[at]) - longest_s
    left = _drop_times_until(x, at, since)
    if most == 0 or ts <= since:
        return forgotten
    while left >= most:
        oldest = np.int64(0)
        while x.cap_at[oldest] != at:
            oldest += 1
        if ts < x.cap_ts[oldest]:
            return forgotten
        _drop_time(x, oldest)
        left -= 1
    if x.n_cap_ts == CAP_TIMES:
        forgotten += 1
        if ts < x.cap_ts[0]:
            return forgotten
        _drop_time(x, np.int64(0))
    k = np.int64(x.n_cap_ts)
    while k > 0 and (x.cap_ts[k - 1] > ts or (x.cap_ts[k - 1] == ts and x.cap_at[k - 1] > at)):
        x.cap_ts[k], x.cap_at[k] = x.cap_ts[k - 1], x.cap_at[k - 1]
        k -= 1
    x.cap_ts[k], x.cap_at[k] = ts, at
    x.n_cap_ts += 1
    return forgotten


@part
def _place(x, key):  # type: ignore[no-untyped-def]
    """Where a key stands or would stand, and whether it does."""
    at = np.int64(0)
    while at < x.n_caps and x.cap_key[at] < key:
        at += 1
    return at, at < x.n_caps and x.cap_key[at] == key


@part
def _open_key(x, key):  # type: ignore[no-untyped-def]
    """Place of a key, which is made if need be, and whether the one longest unseen was forgotten for it."""
    at, known = _place(x, key)
    forgotten = 0
    if known:
        return at, forgotten
    if x.n_caps == CAPPED:
        forgotten = 1
        _drop_key(x, np.int64(np.argmin(x.cap_newest)))
        at, known = _place(x, key)
    for k in range(np.int64(x.n_caps), at, -1):
        x.cap_key[k], x.cap_total[k], x.cap_newest[k] = (
            x.cap_key[k - 1], x.cap_total[k - 1], x.cap_newest[k - 1],
        )  # fmt: skip
    x.cap_key[at], x.cap_total[at], x.cap_newest[at] = key, 0, 0
    x.n_caps += 1
    for k in range(np.int64(x.n_cap_ts)):
        x.cap_at[k] += x.cap_at[k] >= at
    return at, forgotten


@part
def _drop_key(x, at):  # type: ignore[no-untyped-def]
    _drop_times_until(x, at, np.int64(1 << 40))
    last = np.int64(x.n_caps) - 1
    for k in range(at, last):
        x.cap_key[k], x.cap_total[k], x.cap_newest[k] = (
            x.cap_key[k + 1], x.cap_total[k + 1], x.cap_newest[k + 1],
        )  # fmt: skip
    x.cap_key[last], x.cap_total[last], x.cap_newest[last] = 0, 0, 0
    x.n_caps = last
    for k in range(np.int64(x.n_cap_ts)):
        x.cap_at[k] -= x.cap_at[k] > at


@part
def _drop_times_until(x, at, until):  # type: ignore[no-untyped-def]
    """Forget a key's times up to `until`. Returns how many it has left."""
    n, kept, left = np.int64(x.n_cap_ts), 0, 0
    for k in range(n):
        mine = x.cap_at[k] == at
        if mine and np.int64(x.cap_ts[k]) <= until:
            continue
        left += mine
        x.cap_ts[kept], x.cap_at[kept] = x.cap_ts[k], x.cap_at[k]
        kept += 1
    for k in range(kept, n):
        x.cap_ts[k], x.cap_at[k] = 0, 0
    x.n_cap_ts = kept
    return left


@part
def _drop_time(x, at):  # type: ignore[no-untyped-def]
    last = np.int64(x.n_cap_ts) - 1
    for k in range(at, last):
        x.cap_ts[k], x.cap_at[k] = x.cap_ts[k + 1], x.cap_at[k + 1]
    x.cap_ts[last], x.cap_at[last] = 0, 0
    x.n_cap_ts = last
