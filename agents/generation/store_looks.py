"""What the store of pictures has noted of contents, looked up beside the event loop by two threads.

They are daemons of their own: a store that hangs holds neither the loop's threads nor the process's end.
While both hang in it, nothing is looked up.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import Final, NamedTuple

from agents.rendering.files.store import Noted

THREADS: Final = 2
MOST: Final = 4_096
"""Contents that are remembered, about 1 kB each, those looked up last."""
FOUND_S: Final = 60.0
MISSING_S: Final = 2.0
"""How long a content counts as found, or as not there: the renderer is about to draw it."""
Look = Callable[[str], Noted | None]
"""What is noted of a content. Raises OSError."""


class NotedContents(NamedTuple):
    """What is noted by content, None = nothing; what was not looked up in time is left out. `error`: what the
    store last said of those it did not give."""

    noted: dict[str, Noted | None]
    error: OSError | None


class StoreLooks:
    """`now_s`: any steady clock."""

    def __init__(self, look: Look, now_s: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._now_s = now_s
        self._free = threading.Semaphore(THREADS)
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, Noted | None]] = OrderedDict()

    async def found(self, contents: Iterable[str], patience_s: float) -> NotedContents:
        """What is known of them after `patience_s` at most."""
        asked = list(dict.fromkeys(contents))
        wanted = deque(each for each in asked if each not in self._remembered([each]))
        told = [asyncio.wrap_future(each) for each in self._started(wanted)]
        try:
            done = (await asyncio.wait(told, timeout=patience_s))[0] if told else set()
        finally:
            wanted.clear()  # nobody waits for the rest
        errors = [each.result() for each in done]
        return NotedContents(
            self._remembered(asked), next((each for each in errors if each is not None), None)
        )

    def _started(self, wanted: deque[str]) -> list[Future[OSError | None]]:
        """Threads that take from `wanted`, as many as are free and needed."""
        started: list[Future[OSError | None]] = []
        while len(started) < min(THREADS, len(wanted)) and self._free.acquire(blocking=False):
            started.append(Future())
        for each in started:
            threading.Thread(target=self._run, args=(wanted, each), name="pictures", daemon=True).start()
        return started

    def _run(self, wanted: deque[str], told: Future[OSError | None]) -> None:
        error = unforeseen = None
        try:
            while (content := _next(wanted)) is not None:
                try:
                    self._remember(content, self._look(content))
                except OSError as failed:
                    error = failed
        except Exception as raised:
            unforeseen = raised
        self._free.release()  # before whoever waits goes on: it may look again at once
        if unforeseen is None:
            told.set_result(error)
        else:
            told.set_exception(unforeseen)

    def _remember(self, content: str, noted: Noted | None) -> None:
        until_s = self._now_s() + (MISSING_S if noted is None else FOUND_S)
        with self._lock:
            self._known[content] = until_s, noted
            self._known.move_to_end(content)
            if len(self._known) > MOST:
                self._known.popitem(last=False)

    def _remembered(self, contents: Iterable[str]) -> dict[str, Noted | None]:
        now_s = self._now_s()
        with self._lock:
            known = {each: self._known[each] for each in contents if each in self._known}
        return {each: noted for each, (until_s, noted) in known.items() if now_s < until_s}


def _next(wanted: deque[str]) -> str | None:
    with suppress(IndexError):
        return wanted.popleft()
    return None
