"""How far event time has come in a lane: the slowest of its topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from streams.topics import BEHAVIOR, CLICK, CONVERSION, IMPRESSION

TOPICS: Final = (IMPRESSION.name, CLICK.name, CONVERSION.name, BEHAVIOR.name)
SILENT_MS: Final = 30_000
"""What happens together reaches the topics within so long, whatever writes to each."""


@dataclass
class LaneClock:
    """Per topic the newest event time that was applied, and when that was. `since_ms`: when the lane was
    taken over.

    A topic on which nothing stood for SILENT_MS goes on with the worker's clock, so that a quiet one holds
    nothing up for longer; one that is not read to its end, be it long behind or hidden by a broker that is
    away, is waited for.
    """

    since_ms: int
    _newest: dict[str, tuple[int, int]] = field(default_factory=dict)

    def note(self, topic: str, newest_ms: int, now_ms: int) -> None:
        """Events of a topic up to `newest_ms` were applied."""
        before = self._newest.get(topic, (0, 0))[0]
        self._newest[topic] = max(before, newest_ms), now_ms

    def reached_ms(self, heard_ms: Mapping[str, int]) -> int:
        """Event time that all topics have reached; 0 = not known. `heard_ms`: as in a View."""
        reached = []
        for topic in TOPICS:
            newest, noted = self._newest.get(topic, (None, self.since_ms))
            silent_ms = heard_ms.get(topic, 0) - noted - SILENT_MS
            if newest is not None:
                reached.append(newest + max(0, silent_ms))
            elif silent_ms < 0:
                return 0
        return min(reached, default=0)
