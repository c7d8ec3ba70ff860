"""Segments an audience key may name: interest clusters for users with consent, context cells for those
without."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

DEVICE_WORDS: Final = {1: "phone", 2: "pc", 3: "tv", 4: "phone", 5: "tablet", 6: "tv", 7: "tv", 8: "screen"}
"""AdCOM devicetype -> word; 1 is mobile or tablet."""
DAYPARTS: Final = ("night", "morning", "afternoon", "evening")
"""Quarters of the day at the user's place, from midnight."""
_UNKNOWN: Final = "any"


def segment_of(vector: NDArray[np.float32], segments: NDArray[np.float32]) -> int:
    """Number of the segment (s, d) nearest to an interest vector (d,), the lowest of equals."""
    return int(np.argmax(segments @ vector))


def segment_name(number: int) -> str:
    """Name of an interest segment, as in the audience key `s:k07|campaign|slot`."""
    return f"k{number:02d}"


def context_cell(device: int | None, country: str | None, hour: int | None) -> str:
    """Name of the cell of a user about whom nothing is kept: device-country-daypart, `any` for what is
    unknown. `hour` 0..23, local."""
    daypart = DAYPARTS[hour // 6] if hour is not None and 0 <= hour < 24 else _UNKNOWN
    return f"{DEVICE_WORDS.get(device or 0, _UNKNOWN)}-{(country or _UNKNOWN).lower()}-{daypart}"
