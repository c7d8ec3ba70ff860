"""Whether two counts over the same bins are of one distribution.

The population stability index, sum of (b - a) ln(b / a) over shares a before and b now (Siddiqi, Credit Risk
Scorecards, 2006: below 0.1 alike, above 0.25 another population), grows with chance alone where bins are many
and events few: for n and m draws of one distribution it is about chi square times (1/n + 1/m) (Yurdakul and
Naranjo, Statistical properties of the population stability index, 2020).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_EMPTY: Final = 0.5
"""Added to each bin: one that was empty before would make the index infinite."""

Counts = NDArray[np.int64]


def stability_index(before: Counts, now: Counts) -> float:
    """Population stability index of counts (bins,); 0 = alike."""
    old, new = _shares(before), _shares(now)
    return float(((new - old) * np.log(new / old)).sum())


def unexplained_shift(before: Counts, now: Counts) -> float:
    """The index over the bins that are not empty on both sides, less what chance alone makes of it; 0 at
    least. Neither side may be all empty."""
    used = (before + now) > 0
    old, new = before[used], now[used]
    chance = (len(old) - 1) * (1 / old.sum() + 1 / new.sum())
    return max(0.0, stability_index(old, new) - float(chance))


def _shares(counts: Counts) -> NDArray[np.float64]:
    return np.asarray((counts + _EMPTY) / (counts.sum() + _EMPTY * len(counts)), np.float64)
