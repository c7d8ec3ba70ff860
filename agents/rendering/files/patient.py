"""A store that is waited for: one that is away ends no renderer, as a broker that is away does not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final, TypeVar

from agents.rendering.files.store import AssetStore, Noted
from streams.loud_end import line_of

log = logging.getLogger(__name__)

FIRST_S: Final = 0.5
MOST_S: Final = 15.0
"""Between two tries, which wait twice as long each time."""
_Answer = TypeVar("_Answer")


class PatientStore:
    """An AssetStore over another one. What it is asked in a thread waits until that answers, or until `stop`;
    `waits` is told of each try, so that who watches sees that something goes on."""

    def __init__(self, store: AssetStore, waits: Callable[[], None]) -> None:
        self._store = store
        self._waits = waits
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Nothing waits any longer: it fails."""
        self._stopped.set()

    def make(self) -> None:
        """At once: a wrong name or key is told at the start."""
        self._store.make()

    def hold(self, name: str, until_ms: int, holder: str) -> dict[str, bytes]:
        """When it answers."""
        return self._waited(lambda: self._store.hold(name, until_ms, holder))

    def keep(self, name: str, until_ms: int, holder: str) -> None:
        """When it answers."""
        self._waited(lambda: self._store.keep(name, until_ms, holder))

    def put(self, name: str, files: dict[str, bytes], until_ms: int, holder: str) -> dict[str, bytes]:
        """When it answers: files that were cut off by its end are written again."""
        return self._waited(lambda: self._store.put(name, files, until_ms, holder))

    def let_go(self, name: str, holder: str, now_ms: int) -> None:
        """When it answers."""
        self._waited(lambda: self._store.let_go(name, holder, now_ms))

    def mark_gone(self, holder: str, now_ms: int) -> None:
        """When it answers."""
        self._waited(lambda: self._store.mark_gone(holder, now_ms))

    def is_gone(self, holder: str) -> bool:
        """When it answers."""
        return self._waited(lambda: self._store.is_gone(holder))

    def note(self, content: str, noted: Noted) -> None:
        """When it answers."""
        self._waited(lambda: self._store.note(content, noted))

    def noted(self, content: str) -> Noted | None:
        """When it answers."""
        return self._waited(lambda: self._store.noted(content))

    def remove_expired(self, now_ms: int) -> int:
        """At once: it is tried again soon anyway."""
        return self._store.remove_expired(now_ms)

    def _waited(self, ask: Callable[[], _Answer]) -> _Answer:
        """Raises OSError once it is stopped."""
        pause_s, told = FIRST_S, False
        while True:
            try:
                answer = ask()
            except OSError as error:
                if not told:
                    log.warning("the store of pictures is waited for: %s", line_of(error))
                told = True
                self._waits()
                if self._stopped.wait(pause_s):
                    raise
                pause_s = min(2 * pause_s, MOST_S)
            else:
                if told:
                    log.warning("the store of pictures answers again")
                return answer
