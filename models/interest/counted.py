"""What became of a batch of events, as numbers for metrics."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.event.layout import EVENT, EventKind, Status
from models.interest.profile import PROFILE
from models.kernels.argument_types import rows
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel

COUNTED_LATE_MS: Final = 86_400_000
"""Later than this against the user's own newest event, an event changes counters only
(models/interest/update.py)."""
_POSITIVE: Final = np.isin(
    np.arange(256), (EventKind.CLICK, EventKind.CART, EventKind.CONVERSION, EventKind.LIKE)
)
_APPLIED: Final = int(Status.APPLIED)
_STATUSES: Final = len(Status)
_LATE, POSITIVES = _STATUSES, _STATUSES + 1


@kernel(rows(EVENT), rows(PROFILE))
def event_counts_of(events: Any, profiles: Any) -> NDArray[np.int64]:
    """Events (n,) by Status; then how many of the applied ones came late, and how many were positive; shape
    (8,).

    profiles: rows p per unique user, as they are after the batch.
    """
    events, profiles = borrowed(events), borrowed(profiles)
    counts = np.zeros(_STATUSES + 2, np.int64)
    for i in range(len(events)):
        event = events[i]
        counts[event.status] += 1
        if event.status == _APPLIED:
            counts[_LATE] += profiles[event.user].t_seen - event.ts > COUNTED_LATE_MS
            counts[POSITIVES] += _POSITIVE[event.kind]
    return counts
