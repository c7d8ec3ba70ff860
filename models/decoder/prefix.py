"""Keys and values of prefixes that were computed before: least recently used ones go when the bytes are
spent."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from models.decoder.kv import Kv

MIN_PREFIX: Final = 8
"""Shorter prefixes are computed with the rest: keeping them costs more than it saves."""

Key = tuple[int, int, tuple[int, ...]]
"""Version of the adapter bank, adapter, ids: what the keys and values of one model depend on."""


class PrefixCache:
    """Snapshots by what they depend on, at most `limit_bytes` of them."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held: OrderedDict[Key, Kv] = OrderedDict()
        self.size_bytes = self.hits = self.misses = 0

    def get(self, key: Key, compute: Callable[[], Kv]) -> Kv:
        """The snapshot of `key`, computed when it is not held. One that is larger than the limit is given but
        not kept."""
        if key in self._held:
            self.hits += 1
            self._held.move_to_end(key)
            return self._held[key]
        self.misses += 1
        made = compute()
        if made.size_bytes <= self._limit_bytes:
            self._held[key] = made
            self.size_bytes += made.size_bytes
            while self.size_bytes > self._limit_bytes:
                self.size_bytes -= self._held.popitem(last=False)[1].size_bytes
        return made

    def clear(self) -> None:
        """Forgets all of them: what they were computed with is no more."""
        self._held.clear()
        self.size_bytes = 0
