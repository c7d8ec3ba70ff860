"""When a version is worth publishing: a young model often, an old one every so often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST: Final = 500
"""Exposures behind the first version."""
EVERY_MS: Final = 600_000
"""A grown model costs some MB a version: it is published this often while something is learnt."""


@dataclass
class PublishedVersion:
    """The newest version: how many exposures it had learnt, and when that was (Unix ms)."""

    exposures: int = 0
    at_ms: int = 0

    def due(self, exposures: int, now_ms: int) -> bool:
        """Whether another version should follow: twice as much was learnt, or some and it is time."""
        if exposures < max(FIRST, self.exposures + 1):
            return False
        return exposures >= 2 * self.exposures or not 0 <= now_ms - self.at_ms < EVERY_MS
