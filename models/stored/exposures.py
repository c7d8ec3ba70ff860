"""Row `x` as it was."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba.types import uint16

from models.arrays import Rows
from models.earned.caps import cap_key_of, note_shown
from models.earned.exposures import CAMPAIGN_SHIFT, CAP_TIMES, EXPOSURES, IS_LIVE
from models.kernels.argument_types import matrix
from models.kernels.argument_types import rows as rows_of
from models.kernels.compiled import kernel
from models.row import HEADER, carried_rows
from models.stored.fields import fields_of

EXPOSURES_1: Final = np.dtype(
    [
        *HEADER.descr,
        *fields_of(
            "u8:64 id",
            "u1:64 id_hour",
            "u8:24 shown_imp shown_creative shown_cell",
            "u4:24 shown_ts shown_micros",
            "u1:24 shown_currency shown_flags",
            "u4:8 sale_ts",
            "i8:8 sale_value",
            "u8:8 sale_cell",
            "u4:8 sale_touch_ts",
            "u8:8 sale_imp",
            "u1:8 sale_currency",
            "u4:5 act_ts",
            "u8:5 act_imp act_creative act_cell",
            "u1:5 act_field",
            "u8:6 live_creative live_cell",
            "u4:6 live_expires",
            "u2:6 live_shown",
            "u1:6 live_slot live_state",
            "u4 newest_s",
            "u2 slots",
            "u1 n_shown n_sales n_acts n_live id_next",
            "u1:4 spare",
        ),
    ]
)
_ALL_S: Final = 1 << 33
"""Longer ago than any event."""


def with_cap_counts(rows: Rows) -> Rows:
    """Version 1 to 2: caps were counted among the exposures kept; from here on they have counts of their own,
    which begin with those."""
    raised = carried_rows(rows, EXPOSURES)
    _count_caps(raised, np.ascontiguousarray(rows["live_shown"]))
    return raised


@kernel(rows_of(EXPOSURES), matrix(uint16))
def _count_caps(rows, live_shown):  # type: ignore[no-untyped-def]
    """Which campaigns have caps is not known here: all are counted, and the user's live creatives, whose own
    count reached further back than the exposures."""
    for i in range(len(rows)):
        x = rows[i]
        for k in range(np.int64(x.n_shown)):
            campaign, ts = x.shown_cell[k] >> np.uint64(CAMPAIGN_SHIFT), np.int64(x.shown_ts[k])
            if x.shown_cell[k]:
                note_shown(x, cap_key_of(x.shown_creative[k], campaign, False), ts, CAP_TIMES, _ALL_S)
        for n in range(np.int64(x.n_live)):
            if x.live_state[n] != IS_LIVE or live_shown[i, n] == 0:
                continue
            key = cap_key_of(x.live_creative[n], np.uint64(0), True)
            for k in range(np.int64(x.n_shown)):
                if x.shown_creative[k] == x.live_creative[n]:
                    note_shown(x, key, np.int64(x.shown_ts[k]), CAP_TIMES, _ALL_S)
            for k in range(np.int64(x.n_caps)):
                if x.cap_key[k] == key:
                    x.cap_total[k] = max(np.int64(x.cap_total[k]), np.int64(live_shown[i, n]))
