"""The trigger's threshold for a wanted share of positive events that make a request: it follows what is
measured, slowly and in bounded steps. Pure.

The threshold is a log Bayes factor, so the logarithm of the share falls by about 1 (false triggers) or less
(true ones) where it rises by 1 (detector/shift.py): a step of GAIN times the error in logarithms
closes most of it and does not overshoot.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

GAIN: Final = 0.7
LARGEST_STEP: Final = 0.5
LOWEST: Final = 1.0
HIGHEST: Final = 20.0
"""Above it nothing fires."""
ENOUGH: Final = 50
"""Requests, wanted or made, that a step is taken on: their number is known to a seventh then."""


class TriggerTotals(NamedTuple):
    """Since a lane began, or in all lanes: positive events, and the requests of each kind that they made."""

    positives: int = 0
    first: int = 0
    shift: int = 0

    @property
    def requests(self) -> int:
        """Of both kinds."""
        return self.first + self.shift

    @property
    def per_1000(self) -> float:
        """Requests per 1,000 positive events; 0 without any."""
        return 1000 * self.requests / self.positives if self.positives else 0.0

    def since(self, before: TriggerTotals) -> TriggerTotals | None:
        """What came after `before`; None when these totals did not grow from it (rows were lost)."""
        grown = TriggerTotals(*(now - then for now, then in zip(self, before, strict=True)))
        return grown if min(grown) >= 0 else None


def is_enough(seen: TriggerTotals, wanted_per_1000: float) -> bool:
    """Whether a step can be taken on what was seen."""
    return max(seen.requests, wanted_per_1000 * seen.positives / 1000) >= ENOUGH


def next_threshold(threshold: float, seen: TriggerTotals, wanted_per_1000: float) -> float:
    """The threshold after one step on what was seen under `threshold`. First requests count and cannot be
    held back: shifts get what those leave, and without shifts there is nothing to hold back."""
    left = max(0.0, wanted_per_1000 * seen.positives / 1000 - seen.first)
    error = math.log((seen.shift + 0.5) / (left + 0.5))
    if error > 0 and seen.shift == 0:
        return threshold
    step = max(-LARGEST_STEP, min(LARGEST_STEP, GAIN * error))
    return max(LOWEST, min(HIGHEST, threshold + step))
