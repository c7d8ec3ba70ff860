"""A task that looks again and again: when it is woken, and every so often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress


async def take_turns(turn: Callable[[], Awaitable[None]], wake: asyncio.Event, tick_s: float) -> None:
    """Until cancelled. What wakes it during a turn brings the next one at once."""
    while True:
        wake.clear()
        await turn()
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), tick_s)
