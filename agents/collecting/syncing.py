"""Writing through to the disk: all events that came meanwhile at once, in a thread, so that a slow disk holds
up nobody who does not wait for it."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from agents.collecting.buffer import EventBuffer, KeptNowhereError

EVERY_S: Final = 0.1
"""What a crash of the machine may cost where answers do not wait for the disk."""

log = logging.getLogger(__name__)


class Syncer:
    """`run` goes on until it is cancelled."""

    def __init__(self, buffer: EventBuffer, answers_wait: bool) -> None:
        self._buffer, self._answers_wait = buffer, answers_wait
        self._put = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []

    async def note(self) -> None:
        """Something was put: returns at once, or, if answers wait, when the disk has it. Raises
        KeptNowhereError."""
        self._put.set()
        if self._answers_wait:
            done = asyncio.get_running_loop().create_future()
            self._waiting.append(done)
            await done

    async def run(self) -> None:
        """Writes through what was put, as often as answers need it."""
        while True:
            await self._put.wait()
            if not self._answers_wait:
                await asyncio.sleep(EVERY_S)
            self._put.clear()
            waiting, self._waiting = self._waiting, []
            failed: KeptNowhereError | None = None
            try:
                await asyncio.to_thread(self._buffer.sync)
            except KeptNowhereError as error:
                failed = error
                log.error("%s", error)
            for each in waiting:
                if each.done():  # whoever called has gone
                    continue
                if failed is None:
                    each.set_result(None)
                else:
                    each.set_exception(failed)
