"""What failed to be made, so that it is not tried anew for each creative that shows the same."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MOST: Final = 1_000
"""Names remembered, the newest."""
RESTS_S: Final = 300.0
_LASTING: Final = frozenset({"DoesNotFit", "NoLayout", "Nothing", "TooHeavy", "TooLong", "Unreadable"})
"""What the story itself is the cause of; a program may be mended."""

_PASSING: Final = "PhotoGone"
"""The photo was dropped from the cache meanwhile: it is found again for the next request."""


class Unmade:
    """By name: of a clip, or of a voice that is not tried for any."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._clock_s = clock_s
        self._most = most
        self._kinds: OrderedDict[str, tuple[str, float]] = OrderedDict()  # name -> why, until when

    def note(self, name: str, kind: str) -> None:
        """It failed, and why."""
        if kind == _PASSING:
            return
        until_s = float("inf") if kind in _LASTING else self._clock_s() + RESTS_S
        self._kinds[name] = (kind, until_s)
        self._kinds.move_to_end(name)
        if len(self._kinds) > self._most:
            self._kinds.popitem(last=False)

    def why(self, *names: str) -> str:
        """Why one of them is not to be tried, '' = all may be."""
        now_s = self._clock_s()
        known = (self._kinds.get(name, ("", 0.0)) for name in names)
        return next((kind for kind, until_s in known if until_s > now_s), "")
