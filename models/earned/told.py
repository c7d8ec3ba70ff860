"""What is told of an exposure that is settled, before it has words; and what was so when it was shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from models.arrays import Rows
from models.earned.exposures import CONVERSIONS
from models.event.layout import Purpose
from models.kernels.compiled import part

UNKNOWN_HOUR: Final = 31
UNKNOWN_WEEKDAY: Final = 7
UNKNOWN_CONTEXT: Final = UNKNOWN_HOUR | UNKNOWN_WEEKDAY << 5
_MONEY: Final = CONVERSIONS + 1

TOLD: Final = np.dtype(
    [
        ("user", "<i4"),  # index of the user's row
        ("imp", "<u8"),
        ("creative", "<u8"),
        ("cell", "<u8"),
        ("ts_ms", "<i8"),
        ("micros", "<u4"),  # cost
        ("currency", "u1"),
        ("flags", "u1"),  # models.earned.exposures.NTH ...
        ("context", "<u2"),
        ("acts", "u1"),  # LIKED, HIDDEN, REPORTED
        ("invalid_clicks", "u1"),
        ("click_after_s", "<i4"),  # -1: no click that counts
        ("sales", "<u2"),
        ("paid", "u1", (_MONEY,)),  # currencies; several may be the same
        ("value", "<i8", (_MONEY,)),  # minor units of them, 0 = nothing
        ("closed", "u1"),  # its click window is over
    ]
)
"""What is told of one exposure."""


class ToldExposure(NamedTuple):
    """One element of TOLD in plain numbers, which are read many times faster."""

    user: int
    imp: int
    creative: int
    cell: int
    ts_ms: int
    micros: int
    currency: int
    flags: int
    context: int
    acts: int
    invalid_clicks: int
    click_after_s: int
    sales: int
    paid: list[int]
    value: list[int]
    closed: int


def told_exposures(told: Rows) -> Iterator[ToldExposure]:
    """TOLD (k,) one by one."""
    return map(ToldExposure, *(told[name].tolist() for name in ToldExposure._fields))


_PROFILE, _PERSONALISE, _TRAIN = int(Purpose.PROFILE), int(Purpose.PERSONALISE), int(Purpose.TRAIN)


@part
def context_of(e):  # type: ignore[no-untyped-def]
    """What was so when an impression was shown, in 16 bits: hour at the user's place (5), weekday (3), device
    (4), consent to profile, personalise, train (3). It is measured, so that purpose is given."""
    hour = np.int64(min(e.hour, UNKNOWN_HOUR)) | np.int64(min(e.weekday, UNKNOWN_WEEKDAY)) << 5
    given = np.int64(e.purposes & _PROFILE != 0) | np.int64(e.purposes & _PERSONALISE != 0) << 1
    return hour | np.int64(e.device & 15) << 8 | (given | np.int64(e.purposes & _TRAIN != 0) << 2) << 12
