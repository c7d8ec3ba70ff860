"""Is the worker alive? Offsets advance while there is lag; a port that answers proves nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

STALLED_S: Final = 60.0


@dataclass
class Liveness:
    """Remembers when offsets last advanced. Pure but for the default clock of the first look."""

    stalled_s: float = STALLED_S
    _applied: int = -1
    _advanced: float = field(default_factory=time.monotonic)

    def observe(self, now_s: float, lag: int, applied: int) -> None:
        """`lag` records are waiting, `applied` were applied in all; `now_s` is monotonic."""
        if lag <= 0 or applied != self._applied:
            self._advanced = now_s
        self._applied = applied

    def alive(self, now_s: float) -> bool:
        """False when records wait and none was applied for `stalled_s`, or nobody has looked for so long."""
        return now_s - self._advanced < self.stalled_s

    def complaint(self, now_s: float) -> str:
        """What /health says; empty while `alive`."""
        return "" if self.alive(now_s) else "records wait and none is applied"
