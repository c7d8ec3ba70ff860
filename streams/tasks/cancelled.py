"""Ending background tasks for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Final

AGAIN_S: Final = 0.2


async def cancelled(*tasks: asyncio.Task[Any]) -> None:
    """Cancels `tasks` and returns when all have ended; what they raised is left in them.

    One cancellation can get lost: before Python 3.12 `asyncio.wait_for`, which every request of aiokafka goes
    through, swallows it when the answer arrives in the same turn of the loop. So it is repeated until the
    task has ended.
    """
    waiting = {task for task in tasks if not task.done()}
    while waiting:
        for task in waiting:
            task.cancel()
        _ended, waiting = await asyncio.wait(waiting, timeout=AGAIN_S)


async def finished(stop: Awaitable[None]) -> None:
    """Awaits the stop of a client. While the broker is away aiokafka ends it with the cancellation of its own
    tasks, which is not one of ours and must not end who waits. Raises what else the stop raises."""
    stopping = asyncio.ensure_future(stop)
    await asyncio.wait({stopping})
    if not stopping.cancelled():
        stopping.result()
