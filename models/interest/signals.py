"""What each kind of event says of an interest: the one table.

`weight`: in the mean vectors and, of what is no positive, in the history of codes; `draws`: how often it
enters the detector's ring, as if so many clicks of their own accord had been made (positives enter once, by
models/interest/update.py); `least_ms`: of dwell or watch time, below which it says nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.event.layout import EventKind


class Signal(NamedTuple):
    """One line of the table."""

    weight: float
    draws: int = 0
    least_ms: int = 0


SIGNALS: Final = {
    EventKind.CLICK: Signal(1.0),
    EventKind.LIKE: Signal(1.0),
    EventKind.CART: Signal(3.0),
    EventKind.CONVERSION: Signal(5.0),
    EventKind.PREFER: Signal(8.0, draws=8),
    EventKind.SEARCH: Signal(2.0, draws=2),
    EventKind.COMMENT: Signal(0.5),
    EventKind.DWELL: Signal(0.5, least_ms=30_000),
    EventKind.VIDEO: Signal(0.5, least_ms=30_000),
    EventKind.STARTED: Signal(0.5, least_ms=30_000),
    EventKind.FIRST_QUARTILE: Signal(0.5, least_ms=30_000),
    EventKind.MIDPOINT: Signal(0.5, least_ms=30_000),
    EventKind.THIRD_QUARTILE: Signal(0.5, least_ms=30_000),
    EventKind.COMPLETED: Signal(0.5),  # watched whole, however short it is
    EventKind.PRODUCT: Signal(0.25),
    EventKind.PAGE: Signal(0.1),
}


def _column(name: str, dtype: type[np.generic]) -> NDArray[np.generic]:
    values = np.zeros(256, dtype)
    for kind, signal in SIGNALS.items():
        values[kind] = getattr(signal, name)
    return values


WEIGHT: Final = _column("weight", np.float64)
DRAWS: Final = _column("draws", np.int64)
LEAST_MS: Final = _column("least_ms", np.int64)
"""The table by kind, as kernels read it."""
