"""The files of pictures that first versions name are held in the store for their creatives, beside the event
loop by two threads.

They are daemons of their own, as those that look into it are: a store that hangs holds neither copy, nor
those, nor the process's end.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from agents.generation.store_looks import THREADS
from agents.rendering.files.gone import gone_meanwhile
from agents.rendering.files.store import AssetStore
from streams import records as r
from streams.loud_end import line_of

log = logging.getLogger(__name__)

MOST: Final = 4_096
"""Creatives that wait; beyond it the oldest are left to the renderer alone."""


class KeptFiles:
    """`now_ms`: Unix ms, when it is called."""

    def __init__(self, store: AssetStore, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, r.Creative]] = deque(maxlen=MOST)
        self._threads = 0
        self._told = False

    def keep(self, name: str, creative: r.Creative) -> None:
        """The files of a name, until the creative expires; returns at once."""
        with self._lock:
            self._waiting.append((name, creative))
            if self._threads == THREADS:
                return
            self._threads += 1
        threading.Thread(target=self._run, name="kept pictures", daemon=True).start()

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            try:
                self._hold(*wanted)
            except Exception as error:  # what follows is kept nevertheless
                self._tell(error)

    def _next(self) -> tuple[str, r.Creative] | None:
        """None = nothing is left, and the thread ends."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._threads -= 1
            return None

    def _hold(self, name: str, creative: r.Creative) -> None:
        """Raises OSError. A creative that was let go before its turn came holds nothing."""
        self._store.keep(name, creative.expires, creative.creative_id)
        gone_meanwhile(self._store, {creative.creative_id: name}, self._now_ms())

    def _tell(self, error: Exception) -> None:
        with self._lock:
            told, self._told = self._told, True
        if not told:
            log.warning("the store keeps no picture for a first version (told once): %s", line_of(error))
