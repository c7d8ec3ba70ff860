"""Row `x` as it was."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba.types import uint16

from models.arrays import Rows
from models.earned.cap_counts import add_time, drop_key, key_place, open_key
from models.earned.caps import cap_key_of
from models.earned.credit import Touch
from models.earned.exposures import CAMPAIGN_SHIFT, EXPOSURES, IS_LIVE
from models.earned.told import UNKNOWN_CONTEXT
from models.kernels.argument_types import matrix
from models.kernels.argument_types import rows as rows_of
from models.kernels.compiled import kernel, part
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
EXPOSURES_2: Final = np.dtype(
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
            "u1:6 live_slot live_state",
            "u4:24 shown_copy shown_asset",
            "u1:24 shown_layout shown_channel",
            "u4:6 live_copy live_asset",
            "u1:6 live_layout live_channel",
            "u4:8 sale_order",
            "u8:8 click_cell",
            "u4:8 click_ts",
            "u4:10 cap_key cap_total cap_newest",
            "u4:64 cap_ts",
            "u1:64 cap_at",
            "u4 newest_s",
            "u2 slots",
            "u1 n_shown n_sales n_acts n_live id_next n_clicks n_caps n_cap_ts",
            "u1:9 room",
        ),
    ]
)
EXPOSURES_3: Final = np.dtype(
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
            "u1:8 sale_touch",
            "u8:8 sale_name",
            "u1:8 sale_currency",
            "u4:5 act_ts act_id",
            "u8:5 act_imp act_creative act_cell",
            "u1:5 act_field",
            "u8:6 live_creative live_cell",
            "u4:6 live_expires",
            "u1:6 live_slot live_state",
            "u4:24 shown_copy shown_asset",
            "u1:24 shown_layout shown_channel",
            "u4:6 live_copy live_asset",
            "u1:6 live_layout live_channel",
            "u4:8 sale_order",
            "u8:8 click_cell",
            "u4:8 click_ts click_id",
            "u4:16 cap_key cap_total cap_newest",
            "u4:64 cap_ts",
            "u1:64 cap_at",
            "u1:16 cap_short",
            "u8 cap_missed",
            "u4 cap_missed_s newest_s",
            "u2 slots",
            "u1 n_shown n_sales n_acts n_live id_next n_clicks n_caps n_cap_ts",
            "u1:9 room",
        ),
    ]
)
_CAPPED: Final = 10
"""Keys that version 2 counted."""


def with_cap_counts(rows: Rows) -> Rows:
    """Version 1 to 2: caps were counted among the exposures kept; from here on they have counts of their own,
    which begin with those."""
    counted = carried_rows(rows, EXPOSURES)
    _count_caps(counted, np.ascontiguousarray(rows["live_shown"]))
    raised = carried_rows(counted, EXPOSURES_2)
    raised["sale_imp"] = rows["sale_imp"]
    return raised


def with_touches(rows: Rows) -> Rows:
    """Version 2 to 3: what a conversion is credited to was the latest touch or the impression it named, of
    which a view gives way to what is better now."""
    raised = carried_rows(rows, EXPOSURES_3)
    raised["sale_name"] = rows["sale_imp"]
    raised["sale_touch"] = (rows["sale_touch_ts"] > 0) * np.where(
        rows["sale_imp"] > 0, np.uint8(Touch.NAMED), np.uint8(Touch.VIEW)
    )
    return raised


def with_what_followed(rows: Rows) -> Rows:
    """Version 3 to 4: an exposure keeps what came of it. Those of before are never told: what was so when
    they were shown is not known. Places for what a creative carries are gone; row `m` says it."""
    raised = carried_rows(rows, EXPOSURES)
    raised["shown_context"] = UNKNOWN_CONTEXT
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
                _note_shown(x, cap_key_of(x.shown_creative[k], campaign, False), ts)
        for n in range(np.int64(x.n_live)):
            if x.live_state[n] != IS_LIVE or live_shown[i, n] == 0:
                continue
            key = cap_key_of(x.live_creative[n], np.uint64(0), True)
            for k in range(np.int64(x.n_shown)):
                if x.shown_creative[k] == x.live_creative[n]:
                    _note_shown(x, key, np.int64(x.shown_ts[k]))
            for k in range(np.int64(x.n_caps)):
                if x.cap_key[k] == key:
                    x.cap_total[k] = max(np.int64(x.cap_total[k]), np.int64(live_shown[i, n]))


@part
def _note_shown(x, key, ts):  # type: ignore[no-untyped-def]
    """Count an impression under a key; the one longest unseen makes room."""
    at, known = key_place(x, key)
    if not known:
        if x.n_caps == _CAPPED:
            drop_key(x, np.int64(np.argmin(x.cap_newest[:_CAPPED])))
            at, known = key_place(x, key)
        open_key(x, at, key)
    x.cap_total[at] += 1
    x.cap_newest[at] = max(np.int64(x.cap_newest[at]), ts)
    add_time(x, at, ts)
