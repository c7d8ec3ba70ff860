"""Requests whose photo's host did not answer: they are asked once more when it has rested."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from streams import records as r
from streams.wire.topic_codec import creative_key

MOST = 1_000
"""Beyond it the oldest are given up: their creatives stay as they are."""


class Later:
    """The newest request of each key, in memory alone: after a restart their creatives stay as they are. What
    was due does not wait a second time."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._waiting: OrderedDict[str, tuple[float, r.RenderRequest]] = OrderedDict()
        self._told: OrderedDict[tuple[str, int], None] = (
            OrderedDict()
        )  # versions: one of later has its own turn

    def add(self, requests: Iterable[r.RenderRequest], due_s: float) -> None:
        """They are due together, after all that wait."""
        for request in requests:
            if _version(request) not in self._told:
                self._waiting[creative_key(request.creative)] = (due_s, request)
        while len(self._waiting) > self._most:
            self._waiting.popitem(last=False)

    def forget(self, requests: Iterable[r.RenderRequest]) -> None:
        """Newer ones of the same keys have come."""
        for request in requests:
            self._waiting.pop(creative_key(request.creative), None)

    def clear(self) -> None:
        """Partitions go to others."""
        self._waiting.clear()
        self._told.clear()

    def due(self, now_s: float) -> list[r.RenderRequest]:
        """Those that are, each told once."""
        found = {key: request for key, (due_s, request) in self._waiting.items() if due_s <= now_s}
        for key in found:
            del self._waiting[key]
            self._told[_version(found[key])] = None
        while len(self._told) > self._most:
            self._told.popitem(last=False)
        return list(found.values())


def _version(request: r.RenderRequest) -> tuple[str, int]:
    return request.creative.creative_id, request.creative.version
