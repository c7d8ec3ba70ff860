"""Which requests have ended: 64 bits each, millions of them, the oldest forgotten first."""

from __future__ import annotations

from array import array
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from streams.wire.ids import number_of

_BLOCK: Final = 100_000
_BLOCKS: Final = 80
"""8 million requests in 64 MB."""


class EndedRequests:
    """Request ids by the order of their ends: the newest in a set, older ones in sorted blocks."""

    def __init__(self, block: int = _BLOCK, blocks: int = _BLOCKS) -> None:
        self._block = block
        self._newest: set[int] = set()
        self._sealed: deque[NDArray[np.uint64]] = deque(maxlen=blocks)

    def add(self, request_id: str) -> None:
        """The request has ended."""
        self._newest.add(number_of(request_id))
        if len(self._newest) >= self._block:
            self._sealed.append(np.sort(np.frombuffer(array("Q", self._newest), np.uint64)))
            self._newest = set()

    def __contains__(self, request_id: str) -> bool:
        number = number_of(request_id)
        return number in self._newest or any(_holds(block, number) for block in self._sealed)


def _holds(block: NDArray[np.uint64], number: int) -> bool:
    at = int(np.searchsorted(block, np.uint64(number)))
    return at < len(block) and int(block[at]) == number
