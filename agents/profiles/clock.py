"""How far event time has come in a lane: the slowest of its topics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from models.event.layout import EventSource

TOPICS: Final = (
    EventSource.IMPRESSION, EventSource.CLICK, EventSource.CONVERSION, EventSource.BEHAVIOR,
)  # fmt: skip
SILENT_MS: Final = 30_000
"""A topic that has brought nothing for so long has nothing waiting."""
UNHEARD_MS: Final = 120_000
"""The same after the lane was taken over: what was written meanwhile has to be read first."""


@dataclass
class LaneClock:
    """Per source topic the newest event time that was applied, and when that was. `since_ms`: when the lane
    was taken over.

    When a topic has brought nothing for SILENT_MS, its time goes on with the worker's clock: a quiet topic
    holds nothing up for longer, and one that is being read behind the others, or a replay of history, is
    waited for.
    """

    since_ms: int
    _newest: dict[int, tuple[int, int]] = field(default_factory=dict)

    def note(self, source: int, newest_ms: int, now_ms: int) -> None:
        """Events of a source up to `newest_ms` were applied."""
        before = self._newest.get(source, (0, 0))[0]
        self._newest[source] = max(before, newest_ms), now_ms

    def reached_ms(self, now_ms: int) -> int:
        """Event time that all topics have reached; 0 = not known."""
        if len(self._newest) < len(TOPICS) and now_ms - self.since_ms < UNHEARD_MS:
            return 0
        return min(
            (newest + max(0, now_ms - noted - SILENT_MS) for newest, noted in self._newest.values()),
            default=0,
        )
