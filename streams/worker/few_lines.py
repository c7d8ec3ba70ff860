"""A broker that is away is one line in ten seconds, which counts what else was logged about it: the Kafka
client alone writes a hundred lines a second."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

EVERY_S: Final = 10.0
CLIENTS: Final = ("aiokafka", "asyncio", "mode.timers")

log = logging.getLogger(__name__)


class FewLines(logging.Filter):
    """Of the Kafka client's lines one every `EVERY_S`, all warnings together and each other text for itself;
    of its warnings none while this module's own line says what they mean. What is shown counts the others."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._shown_s: dict[str, float] = {}
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is shown."""
        ours = record.name == __name__
        if not ours and not record.name.startswith(CLIENTS):
            return True
        warns, now_s = record.levelno >= logging.WARNING, self._clock()
        kind = "" if warns else str(record.msg)
        if not ours and now_s - self._shown_s.get(kind, -EVERY_S) < EVERY_S:
            self._left_out += warns
            return False
        # After one of ours the next one is ours as well, if it comes
        self._shown_s[kind] = now_s + (EVERY_S / 2 if ours else 0)
        if warns and self._left_out:
            record.msg = f"{record.getMessage()} ({self._left_out} lines of the Kafka client left out)"
            record.args, self._left_out = (), 0
        return True


def say_less() -> None:
    """From now on, for everything that this process logs, unless somebody debugs it."""
    if logging.getLogger().level > logging.DEBUG:
        few = FewLines()
        for handler in logging.getLogger().handlers:
            handler.addFilter(few)


class Unanswered:
    """Says every `EVERY_S` that the broker does not answer, and once that it does again."""

    def __init__(self, broker: str) -> None:
        self._broker = broker
        self._said_s: float | None = None
        self._looked_s = 0.0

    def look(self, now_s: float, unanswered_s: float) -> None:
        """Call it every second. `unanswered_s`: since when the broker owes an answer, 0 = it owes none."""
        slept = now_s - self._looked_s > EVERY_S / 2
        self._looked_s = now_s
        if slept:  # this process did, not the broker
            return
        if unanswered_s and (self._said_s is None or now_s - self._said_s >= EVERY_S):
            self._said_s = now_s
            log.warning(
                "No answer from %s for %.0f s: events wait there, what was applied is kept, and work goes on "
                "when it answers",
                self._broker,
                unanswered_s,
            )
        elif not unanswered_s and self._said_s is not None:
            self._said_s = None
            log.warning("%s answers again", self._broker)
