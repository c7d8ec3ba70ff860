"""How often each client may ask: a bucket of requests that fills at a fixed rate."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

BURST_S: Final = 1.0
"""A client that was quiet may ask for so many seconds' requests at once."""
MOST_CLIENTS: Final = 65_536


class Rates:
    """Of one process; times are monotonic seconds. Beyond `most_clients` who asked longest ago is forgotten:
    its bucket is most likely full."""

    def __init__(self, most_per_s: float, most_clients: int = MOST_CLIENTS) -> None:
        self._most_per_s, self._most_clients = most_per_s, most_clients
        self._known: dict[Hashable, tuple[float, float]] = {}  # left and when, who asked last stands last

    def take(self, client: Hashable, now_s: float) -> bool:
        """Whether it may ask now; if so, that counts."""
        full = max(1.0, self._most_per_s * BURST_S)
        left, at_s = self._known.pop(client, (full, now_s))
        left = min(full, left + (now_s - at_s) * self._most_per_s)
        self._known[client] = (left - 1 if left >= 1 else left, now_s)
        if len(self._known) > self._most_clients:
            del self._known[next(iter(self._known))]
        return left >= 1
