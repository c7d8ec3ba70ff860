"""Milliseconds in fixed bins: counts add up over sources, and quantiles are functions of the counts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

BOUNDS_MS: Final = (
    1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000,
    7_000, 10_000, 20_000, 60_000,
)  # fmt: skip
"""Upper bounds of the bins, the last of which is open."""
BINS: Final = len(BOUNDS_MS) + 1


def latency_bin(ms: float) -> int:
    """Index of the bin of a latency."""
    return bisect_left(BOUNDS_MS, ms)


def latency_quantile(counts: Sequence[int], share: float) -> float | None:
    """Latency below which `share` in (0, 1] of the counted lie, linear within its bin, as Prometheus's
    histogram_quantile; the last bin gives its lower bound. None of no counts."""
    total = sum(counts)
    if not total:
        return None
    wanted = share * total
    sums = list(accumulate(counts))
    at = next(k for k, below in enumerate(sums) if below >= wanted and counts[k])
    low = BOUNDS_MS[at - 1] if at else 0
    if at == len(BOUNDS_MS):
        return float(low)
    return low + (BOUNDS_MS[at] - low) * (wanted - (sums[at] - counts[at])) / counts[at]
