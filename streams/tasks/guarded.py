"""Background work of a worker that may not fail in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from streams.loud_end import end_now, line_of
from streams.tasks.cancelled import cancelled

log = logging.getLogger(__name__)


class Guarded:
    """Tasks; whatever one of them raises ends the process with one line. Stop them before what they send
    with."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str = "") -> asyncio.Task[None]:
        """Run something in the background; `name` begins the line that it may end with."""
        task = asyncio.ensure_future(_loud(work, f"{name}: " if name else ""))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """Cancel what runs and wait until it has ended."""
        await cancelled(*self._tasks)


async def _loud(work: Coroutine[Any, Any, None], prefix: str) -> None:
    try:
        await work
    except Exception as error:
        log.debug("worker failed", exc_info=True)
        end_now(prefix + line_of(error))
