"""Ending background tasks for certain."""

from __future__ import annotations

import asyncio
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
