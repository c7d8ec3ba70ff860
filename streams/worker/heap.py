"""How often a worker looks through its memory for circles of objects that nothing else holds."""

from __future__ import annotations

import gc
from typing import Final

_THRESHOLDS: Final = (100_000, 50, 50)
"""New objects until the youngest are looked through, and those rounds until the older ones are."""


def settle_heap() -> None:
    """What was loaded stays: looking through it again and again would hold up the event loop, by 0.1 s for a
    few hundred thousand objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
