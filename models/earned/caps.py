"""Frequency caps: how often a creative or a campaign was shown to a user in rolling time.

Row `x` counts for CAPPED campaigns and creatives of its own at a time, exactly, whatever else the user is
shown: all impressions ever, and the times of the last ones, as many as its largest cap allows and as its
longest window reaches back. A campaign that gets its first cap is counted from then on. A count makes room
for another only when no cap can need it any more; an impression that finds no room marks its key, whose caps
count as reached for as long as it would have counted: a cap closes early, it is never exceeded.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba.types import bool_, int64, uint64

from models.earned.cap_counts import (
    add_time,
    drop_key,
    drop_time,
    drop_times_until,
    has_room_for_key,
    has_room_for_time,
    key_place,
    oldest_time,
    open_key,
)
from models.earned.exposures import CAMPAIGN_SHIFT, EXPOSURES, IS_LIVE, find_live
from models.kernels.argument_types import record
from models.kernels.compiled import kernel, part

UNSURE: Final = 1 << 40
"""A count of which some impressions may be missing: more than any cap allows."""
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
    """Impressions of a creative or campaign in the last `per_s` seconds before ts (0 = ever); UNSURE where
    some may not have been counted."""
    key = cap_key_of(creative, campaign, per_creative)
    at, known = key_place(x, key)
    recent = ts - per_s < np.int64(x.cap_missed_s)
    if not known:
        return UNSURE if _missed(x, key) and (recent or per_s == 0) else 0
    if per_s == 0:
        return np.int64(x.cap_total[at])
    if x.cap_short[at] and recent:
        return UNSURE
    count = 0
    for k in range(np.int64(x.n_cap_ts)):
        count += x.cap_at[k] == at and np.int64(x.cap_ts[k]) > ts - per_s
    return count


@part
def count_towards_caps(x, creative, cell, ts, ref):  # type: ignore[no-untyped-def]
    """Note an impression where its campaign has caps. Returns in how many counts it, or an older one that
    made room for it, is missing."""
    campaign, missing = cell >> np.uint64(CAMPAIGN_SHIFT), 0
    first = np.searchsorted(ref.cap_campaign, campaign)
    if first == len(ref.cap_campaign) or ref.cap_campaign[first] != campaign:
        return missing
    for per_creative in (False, True):
        asked = _asked(ref, creative, campaign, per_creative)
        if asked[0]:
            missing += _note_shown(x, cap_key_of(creative, campaign, per_creative), ts, asked, ref)
    return missing


@part
def uncount_from_caps(x, creative, cell, ts, ref):  # type: ignore[no-untyped-def]
    """An impression was counted for another campaign than it belongs to."""
    campaign = cell >> np.uint64(CAMPAIGN_SHIFT)
    for per_creative in (False, True):
        at, known = key_place(x, cap_key_of(creative, campaign, per_creative))
        if not known or not _asked(ref, creative, campaign, per_creative)[0]:
            continue
        x.cap_total[at] -= 1
        for k in range(np.int64(x.n_cap_ts)):
            if x.cap_at[k] == at and x.cap_ts[k] == ts:
                drop_time(x, k)
                break
        if x.cap_total[at] == 0:
            drop_key(x, at)


@part
def _asked(ref, creative, campaign, per_creative):  # type: ignore[no-untyped-def]
    """Whether a campaign has caps of that scope; whether one is for ever; the largest n and the longest
    window of those in rolling time."""
    capped, ever, most, longest_s = False, False, np.int64(0), np.int64(0)
    k = np.searchsorted(ref.cap_campaign, campaign)
    while k < len(ref.cap_campaign) and ref.cap_campaign[k] == campaign:
        if ref.cap_creative[k] == per_creative and (creative or not per_creative):
            capped = True
            if ref.cap_per_s[k]:
                most, longest_s = max(most, ref.cap_n[k]), max(longest_s, ref.cap_per_s[k])
            else:
                ever = True
        k += 1
    return capped, ever, most, longest_s


@part
def _note_shown(x, key, ts, asked, ref):  # type: ignore[no-untyped-def]
    """Count an impression under a key. Returns 1 when it, or an older one, is missing in a count."""
    _, ever, most, longest_s = asked
    at, known = key_place(x, key)
    if not known:
        before = _missed(x, key) and (ever or ts - longest_s < np.int64(x.cap_missed_s))
        if before or not _make_room_for_key(x, ts, ref):
            _miss(x, key, ts)
            return 1
        at, _ = key_place(x, key)
        open_key(x, at, key)
    x.cap_total[at] += 1
    x.cap_newest[at] = max(np.int64(x.cap_newest[at]), ts)
    since = np.int64(x.cap_newest[at]) - longest_s
    left = drop_times_until(x, at, since)
    if since >= np.int64(x.cap_missed_s):
        x.cap_short[at] = 0
    if most == 0 or ts <= since:
        return 0
    while left >= most:
        oldest = oldest_time(x, at)
        if ts < x.cap_ts[oldest]:
            return 0
        drop_time(x, oldest)
        left -= 1
    return _keep_time(x, at, ts, ref)


@part
def _keep_time(x, at, ts, ref):  # type: ignore[no-untyped-def]
    """Returns 1 when a time is missing from now on, the oldest of all."""
    missing = 0
    if not has_room_for_time(x):
        for k in range(np.int64(x.n_caps)):
            drop_times_until(x, k, ts - _asked_of_key(x, k, ref)[3])
        if not has_room_for_time(x):
            missing = 1
            if ts < x.cap_ts[0]:
                _cut_short(x, at, ts)
                return missing
            _cut_short(x, x.cap_at[0], np.int64(x.cap_ts[0]))
            drop_time(x, np.int64(0))
    add_time(x, at, ts)
    return missing


@part
def _make_room_for_key(x, ts, ref):  # type: ignore[no-untyped-def]
    """Whether there is room for one more key. Of those that no cap can need any more the one longest unseen
    goes."""
    if has_room_for_key(x):
        return True
    victim: Any = np.int64(-1)
    for k in range(np.int64(x.n_caps)):
        capped, ever, _, longest_s = _asked_of_key(x, k, ref)
        needed = capped and (ever or np.int64(x.cap_newest[k]) > ts - longest_s)
        if not needed and (victim < 0 or x.cap_newest[k] < x.cap_newest[victim]):
            victim = k
    if victim >= 0:
        drop_key(x, victim)
    return victim >= 0


@part
def _asked_of_key(x, at, ref):  # type: ignore[no-untyped-def]
    """What is asked of a key now. Nothing of a creative that is not live: it has no key to withdraw."""
    key = np.int64(x.cap_key[at])
    if not key & _CREATIVE:
        return _asked(ref, np.uint64(0), np.uint64(key), False)
    for k in range(np.int64(x.n_live)):
        live = cap_key_of(x.live_creative[k], np.uint64(0), True)
        if live == key and x.live_state[k] == IS_LIVE:
            return _asked(ref, x.live_creative[k], x.live_cell[k] >> np.uint64(CAMPAIGN_SHIFT), True)
    return False, False, np.int64(0), np.int64(0)


@part
def _missed(x, key):  # type: ignore[no-untyped-def]
    """Whether an impression of this key, or of one that shares its mark, was not counted."""
    return (x.cap_missed >> _mark(key)) & np.uint64(1) != np.uint64(0)


@part
def _miss(x, key, ts):  # type: ignore[no-untyped-def]
    x.cap_missed |= np.uint64(1) << _mark(key)
    x.cap_missed_s = max(np.int64(x.cap_missed_s), ts)


@part
def _cut_short(x, at, ts):  # type: ignore[no-untyped-def]
    """A key goes on without one of its times."""
    x.cap_short[at] = 1
    x.cap_missed_s = max(np.int64(x.cap_missed_s), ts)


@part
def _mark(key):  # type: ignore[no-untyped-def]
    """Which of 64 marks a key has."""
    return np.uint64(key) & np.uint64(63)
