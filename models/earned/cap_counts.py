"""What row `x` counts for frequency caps: per key all impressions ever, and the times of the last ones, one
list for all keys. A key is a campaign, or a creative of the user's own."""

from __future__ import annotations

import numpy as np

from models.earned.cap_limits import CAP_TIMES
from models.earned.exposures import CAPPED
from models.kernels.compiled import part


@part
def key_place(x, key):  # type: ignore[no-untyped-def]
    """Where a key stands or would stand, and whether it does."""
    at = np.int64(0)
    while at < x.n_caps and x.cap_key[at] < key:
        at += 1
    return at, at < x.n_caps and x.cap_key[at] == key


@part
def open_key(x, at, key):  # type: ignore[no-untyped-def]
    """Make a key at its place; there is room."""
    for k in range(np.int64(x.n_caps), at, -1):
        _copy_key(x, k - 1, k)
    x.cap_key[at], x.cap_total[at], x.cap_newest[at], x.cap_short[at] = key, 0, 0, 0
    x.n_caps += 1
    for k in range(np.int64(x.n_cap_ts)):
        x.cap_at[k] += x.cap_at[k] >= at


@part
def drop_key(x, at):  # type: ignore[no-untyped-def]
    drop_times_until(x, at, np.int64(1 << 40))
    last = np.int64(x.n_caps) - 1
    for k in range(at, last):
        _copy_key(x, k + 1, k)
    x.cap_key[last], x.cap_total[last], x.cap_newest[last], x.cap_short[last] = 0, 0, 0, 0
    x.n_caps = last
    for k in range(np.int64(x.n_cap_ts)):
        x.cap_at[k] -= x.cap_at[k] > at


@part
def _copy_key(x, a, b):  # type: ignore[no-untyped-def]
    x.cap_key[b], x.cap_total[b], x.cap_newest[b] = x.cap_key[a], x.cap_total[a], x.cap_newest[a]
    x.cap_short[b] = x.cap_short[a]


@part
def has_room_for_key(x):  # type: ignore[no-untyped-def]
    return x.n_caps < CAPPED


@part
def has_room_for_time(x):  # type: ignore[no-untyped-def]
    return x.n_cap_ts < CAP_TIMES


@part
def add_time(x, at, ts):  # type: ignore[no-untyped-def]
    """Keep a time of the key at `at`; there is room."""
    k = np.int64(x.n_cap_ts)
    while k > 0 and (x.cap_ts[k - 1] > ts or (x.cap_ts[k - 1] == ts and x.cap_at[k - 1] > at)):
        x.cap_ts[k], x.cap_at[k] = x.cap_ts[k - 1], x.cap_at[k - 1]
        k -= 1
    x.cap_ts[k], x.cap_at[k] = ts, at
    x.n_cap_ts += 1


@part
def oldest_time(x, at):  # type: ignore[no-untyped-def]
    """Index of the oldest time of a key that has one."""
    k = np.int64(0)
    while x.cap_at[k] != at:
        k += 1
    return k


@part
def drop_time(x, k):  # type: ignore[no-untyped-def]
    last = np.int64(x.n_cap_ts) - 1
    for j in range(k, last):
        x.cap_ts[j], x.cap_at[j] = x.cap_ts[j + 1], x.cap_at[j + 1]
    x.cap_ts[last], x.cap_at[last] = 0, 0
    x.n_cap_ts = last


@part
def drop_times_until(x, at, until):  # type: ignore[no-untyped-def]
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
