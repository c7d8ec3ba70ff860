"""What a batch of events says as a whole, in one pass: steps that few batches need ask here first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from numba.types import int64

from models.arrays import Rows
from models.event.layout import EVENT
from models.kernels.argument_types import read_only, rows
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel


class Gist(NamedTuple):
    """Of all events together: the newest `ts` (ms), the bits of `consent`, and `kinds` as `bits_of` gives
    them."""

    newest_ms: int
    consent: int
    kinds: int


def bits_of(kinds: Iterable[int]) -> int:
    """A set of EventKind, one bit each."""
    return sum(1 << int(kind) for kind in set(kinds))


def gist_of(events: Rows) -> Gist:
    """Of EVENT (n,), n > 0."""
    return Gist(*_gist(events))


@kernel(read_only(rows(EVENT)))
def _gist(events: Any) -> Any:
    events = borrowed(events)
    newest_ms, consent, kinds = int64(events[0].ts), int64(0), int64(0)
    for i in range(len(events)):
        newest_ms = max(newest_ms, int64(events[i].ts))
        consent |= int64(events[i].consent)
        kinds |= int64(1) << int64(events[i].kind)
    return newest_ms, consent, kinds
