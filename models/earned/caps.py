"""Frequency caps: how often a creative or campaign was shown to a user in rolling time, among the exposures
row `x` keeps."""

from __future__ import annotations

import numpy as np
from numba.types import bool_, int64, uint64

from models.earned.exposures import CAMPAIGN_SHIFT, EXPOSURES, IS_LIVE, find_live
from models.kernels.argument_types import record
from models.kernels.compiled import kernel, part


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
    """Impressions of a creative or campaign in the last `per_s` seconds before ts (0 = ever), among the
    exposures kept."""
    count = 0
    for k in range(np.int64(x.n_shown)):
        same = (
            x.shown_creative[k] == creative
            if per_creative
            else x.shown_cell[k] >> np.uint64(CAMPAIGN_SHIFT) == campaign
        )
        if same and (per_s == 0 or np.int64(x.shown_ts[k]) > ts - per_s):
            count += 1
    if per_creative and per_s == 0:
        live = find_live(x, creative)
        if live >= 0:
            count = max(count, int(x.live_shown[live]))
    return count
