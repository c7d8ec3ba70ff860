"""Row `p` as it was."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.arrays import Rows
from models.interest.profile import PROFILE
from models.row import HEADER, carried_rows
from models.stored.fields import fields_of

_REGIME_1: Final = np.dtype(fields_of("u2 id day", "u1:6 code weight"))
_FIELDS: Final = (
    ("head", HEADER),
    *fields_of(
        "i8 t_seen t_ref t_pos t_hist t_trig",
        "u8 seen",
        "u4 t_first t_imp t_click t_conv t_place n_imp n_click n_conv n_pos n_hide bot_minute bot_until",
        "f4 ew_imp ew_click ew_conv m_long m_short",
        "f4:4 freq",
        "f4 hist_mass distinct draws",
        "f4:6 top_score",
        "u4:6 top_item",
        "u4:4 clicked",
        "u2:64 long short hist",
        "u2:24 scan",
        "u2 concentration price_mean price_var gap spend",
        "u2:24 hours",
        "u2:7 weekdays",
        "u2:8 devices",
        "u2 place",
        "u2:8 suppressed_until",
        "u2 n_seen n_trig regime",
    ),
    ("regimes", _REGIME_1, (3,)),
    *fields_of(
        "i1:64 ref",
        "u1:24 ring ring_weight",
        "u1:8 suppressed",
        "u1 prev cool n_price n_spend currency bot_count",
    ),
)
PROFILE_1: Final = np.dtype([*_FIELDS, *fields_of("u2 reserved")])
_FIELDS_2: Final = (*_FIELDS, *fields_of("u2 audience", "u4 audience_version", "u4:7 newest"))
PROFILE_2: Final = np.dtype([*_FIELDS_2])
PROFILE_3: Final = np.dtype(
    [*_FIELDS_2, *fields_of("f4 price_sum price_mass", "u2:24 price_scan", "u1:24 ring_price")]
)


def profile_with_room(rows: Rows) -> Rows:
    """Version 1 to 2: bytes that later builds may use."""
    return carried_rows(rows, PROFILE_2)


def with_prices(rows: Rows) -> Rows:
    """Version 2 to 3: the price level, of which nothing is known yet."""
    return carried_rows(rows, PROFILE_3)


def with_ages(rows: Rows) -> Rows:
    """Version 3 to 4: each newest item once, with its age, which its place among the positives told."""
    raised = carried_rows(rows, PROFILE)
    raised["newest"] = 0
    for old, new in zip(rows["newest"].tolist(), raised, strict=True):
        ages = {key: age for age, key in reversed(list(enumerate(old, 1))) if key}
        for i, (key, age) in enumerate(sorted(ages.items(), key=lambda each: each[1])):
            new["newest"][i], new["newest_age"][i] = key, age
    return raised
