"""What each kind of event says of an interest: the one table.

`weight`: in the mean vectors and, of what is no positive, in the history of codes; `stayed`: the same where
the event says that STAYED_MS and more were spent on it, None = no other; `draws`: how often it enters the
detector's ring, as if so many clicks of their own accord had been made (positives enter once, by
models/interest/update.py). Who left again before `least_ms` tells nothing, where the event says so.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.event.layout import EventKind
from models.kernels.compiled import part


class Signal(NamedTuple):
    """One line of the table."""

    weight: float
    stayed: float | None = None
    draws: int = 0
    least_ms: int = 0


STAYED_MS: Final = 30_000
LEFT_MS: Final = 2_000
"""Too short to have read a title and a picture."""
SIGNALS: Final = {
    EventKind.CLICK: Signal(1.0),
    EventKind.LIKE: Signal(1.0),
    EventKind.CART: Signal(3.0),
    EventKind.CONVERSION: Signal(5.0),
    EventKind.PREFER: Signal(8.0, draws=8),
    EventKind.SEARCH: Signal(2.0, draws=2),
    EventKind.COMMENT: Signal(0.5),
    EventKind.DWELL: Signal(0.0, stayed=0.5),
    EventKind.VIDEO: Signal(0.0, stayed=0.5),
    EventKind.STARTED: Signal(0.0, stayed=0.5),
    EventKind.FIRST_QUARTILE: Signal(0.0, stayed=0.5),
    EventKind.MIDPOINT: Signal(0.0, stayed=0.5),
    EventKind.THIRD_QUARTILE: Signal(0.0, stayed=0.5),
    EventKind.COMPLETED: Signal(0.5),  # watched whole, however short it is
    EventKind.PRODUCT: Signal(0.25, stayed=0.5, least_ms=LEFT_MS),
    EventKind.PAGE: Signal(0.1, stayed=0.25, least_ms=LEFT_MS),
}


def _column(name: str, dtype: type[np.generic]) -> NDArray[np.generic]:
    values = np.zeros(256, dtype)
    for kind, signal in SIGNALS.items():
        said = getattr(signal, name)
        values[kind] = signal.weight if said is None else said
    return values


WEIGHT: Final = _column("weight", np.float64)
STAYED: Final = _column("stayed", np.float64)
DRAWS: Final = _column("draws", np.int64)
LEAST_MS: Final = _column("least_ms", np.int64)
"""The table by kind, as kernels read it."""


@part
def weight_of(kind: Any, dwell_ms: Any) -> Any:
    """Of an event of which `dwell_ms` is known, 0 = it is not."""
    if dwell_ms >= STAYED_MS:
        return STAYED[kind]
    return 0.0 if 0 < dwell_ms < LEAST_MS[kind] else WEIGHT[kind]
