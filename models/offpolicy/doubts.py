"""What makes an off-policy estimate doubtful, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.offpolicy.estimators import Overlap

FEWEST_EFFECTIVE: Final = 100.0
"""Rounds: with fewer the normal interval is not to be trusted."""
SMALLEST_SHARE: Final = 0.01
LARGEST_SHARE: Final = 0.05
"""Of all weight, on one round."""
ERRORS: Final = 4.0
"""Standard errors between the mean weight and 1 that chance does not explain."""
ROUNDED: Final = 1e-3
"""What rounding of logged chances explains of the same; weights that are all alike have no error."""


def doubts_about(overlap: Overlap) -> Iterator[str]:
    """One sentence each; none where the log speaks for the policy."""
    if overlap.lost > 0:
        yield (
            f"{overlap.lost:.1%} of its choices are arms that the log does not have there: they count as if "
            "they earned nothing"
        )
    if overlap.effective < max(FEWEST_EFFECTIVE, SMALLEST_SHARE * overlap.rounds):
        yield (
            f"{overlap.effective:,.0f} of {overlap.rounds:,} rounds speak for it: the policy that drew "
            "rarely does what it would do, the intervals are too narrow"
        )
    share = overlap.largest / (overlap.mean * overlap.rounds) if overlap.mean else 0.0
    if share > LARGEST_SHARE:
        yield f"one round carries {share:.0%} of all weight"
    if abs(overlap.mean - (1 - overlap.lost)) > max(ERRORS * overlap.mean_error, ROUNDED):
        yield (
            f"its weights average {overlap.mean:.2f} instead of {1 - overlap.lost:.2f}: the logged chances "
            "are not those of the policy that drew"
        )
