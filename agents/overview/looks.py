"""Looks at a broker that may go away, and how old the newest one is: an old picture must not pass for a new
one."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from aiokafka.errors import KafkaError

from agents.overview.gauges import Gauges, GaugeSample
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.unix_time import unix_ms

HISTORY: Final = 180
LOOK_S: Final = 1.0
STALE_S: Final = 10.0
"""A picture older than this is no longer called live, and a look that takes longer is given up."""


@dataclass
class Looks:
    """The newest samples and the age of the newest; ages are by `clock_s`, which never goes back."""

    clock_s: Callable[[], float] = time.monotonic
    samples: deque[GaugeSample] = field(default_factory=lambda: deque(maxlen=HISTORY))
    _since_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._since_s = self.clock_s()

    def add(self, sample: GaugeSample) -> None:
        """A look that the broker answered."""
        self.samples.append(sample)
        self._since_s = self.clock_s()

    def newest(self) -> GaugeSample | None:
        return self.samples[-1] if self.samples else None

    def age_s(self) -> float:
        """s since the broker last answered; before its first answer, since the looking began."""
        return self.clock_s() - self._since_s

    def stale(self) -> bool:
        """Whether the picture is too old to be called live."""
        return self.age_s() > STALE_S


async def keep_looking(
    settings: Settings,
    take: Callable[[GaugeSample], None],
    check: Callable[[], None],
    every_s: float = LOOK_S,
) -> None:
    """Hands a sample to `take` each `every_s`; while the broker is away, or `check` raises, none comes."""
    while True:
        try:
            async with asyncio.timeout(STALE_S) as patience, Gauges(settings) as gauges:
                while True:
                    check()
                    take(await gauges.sample(unix_ms()))
                    patience.reschedule(asyncio.get_running_loop().time() + every_s + STALE_S)
                    await asyncio.sleep(every_s)
        except (KafkaError, RefusedError, OSError):  # a TimeoutError is an OSError
            await asyncio.sleep(2 * LOOK_S)
