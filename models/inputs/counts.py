"""One pass over a batch of events: what they lack, and how interest codes and scores are spread.

Codes and scores are those of the positives that the detector judged, from the warm-up on: before it every
score is low, and how many users are new says nothing of the interests.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba.types import int64
from numpy.typing import NDArray

from models.arrays import Rows
from models.event.layout import EVENT, FROM_BOT, UNKNOWN_ITEM, EventKind, EventSource, Status
from models.interest.counted import COUNTED_LATE_MS
from models.interest.profile import CATALOG_TYPE, CODES, PROFILE, CatalogArrays
from models.kernels.argument_types import rows, vector
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel

QUALITY: Final = (
    "events", "duplicate", "late", "bot", "with_item", "no_item", "unknown_item", "no_price",
)  # fmt: skip
"""Events; duplicates, late ones and those of bots among them; clicks, carts, conversions and product views,
which should name an item; those without one, with one that the catalogue lacks, with one of unknown price."""
SCORES: Final = 16
SCORE_WIDTH: Final = 0.75
"""Bins of the detector's score, from 0; the last is open."""
COUNTED: Final = len(QUALITY) + CODES + SCORES
_FIRST_SCORE: Final = len(QUALITY) + CODES

_EVENTS, _DUPLICATE, _LATE, _BOT, _WITH_ITEM, _NO_ITEM, _UNKNOWN_ITEM, _NO_PRICE = range(len(QUALITY))
_APPLIED: Final = int(Status.APPLIED)
_DENIED: Final = int(Status.DENIED)
_REPEATED: Final = int(Status.DUPLICATE)
_BEHAVIOR: Final = int(EventSource.BEHAVIOR)
_NAMES_ITEM: Final = np.isin(
    np.arange(256), (EventKind.CLICK, EventKind.CART, EventKind.CONVERSION, EventKind.PRODUCT)
)

Counts = NDArray[np.int64]


def inputs_of(events: Rows, profiles: Rows, catalog: CatalogArrays) -> Counts:
    """QUALITY, then positives per interest code, then per bin of the score, of EVENT (n,) as the profile left
    them; shape (COUNTED,). What a replay brings again is not counted.

    profiles: rows p per unique user, as they are after the batch.
    """
    counts = np.zeros(COUNTED, np.int64)
    add_inputs(events, profiles, catalog, counts)
    return counts


@kernel(rows(EVENT), rows(PROFILE), CATALOG_TYPE, vector(int64))
def add_inputs(events: Any, profiles: Any, catalog: Any, counts: Any) -> None:
    """Add to `counts` what `inputs_of` gives of these events."""
    events, profiles, catalog = borrowed(events), borrowed(profiles), borrowed(catalog)
    counts = borrowed(counts)
    for i in range(len(events)):
        event = events[i]
        status = event.status
        if event.source > _BEHAVIOR or status not in (_APPLIED, _DENIED, _REPEATED):
            continue
        counts[_EVENTS] += 1
        if status == _REPEATED:
            counts[_DUPLICATE] += 1
            continue
        if status == _APPLIED:
            counts[_LATE] += profiles[event.user].t_seen - event.ts > COUNTED_LATE_MS
            counts[_BOT] += event.purposes & FROM_BOT != 0
        item = event.item
        if _NAMES_ITEM[event.kind]:
            counts[_WITH_ITEM] += 1
            counts[_UNKNOWN_ITEM] += item == UNKNOWN_ITEM
            counts[_NO_ITEM] += item < 0 and item != UNKNOWN_ITEM
            if item >= 0 and not math.isfinite(event.price_z):
                counts[_NO_PRICE] += not math.isfinite(catalog.price_z[item])
        if not math.isnan(event.score):
            code = np.int64(event.code)
            if code < 0:
                code = np.int64(catalog.codes[item])
            counts[len(QUALITY) + code] += 1
            place = np.int64(max(event.score, 0.0) / SCORE_WIDTH)
            counts[_FIRST_SCORE + (place if place < SCORES else SCORES - 1)] += 1
