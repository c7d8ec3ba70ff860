"""Tasks end even when they swallow a cancellation."""

from __future__ import annotations

import asyncio

import pytest

from streams.tasks.cancelled import cancelled, finished


def test_a_task_that_swallows_two_cancellations_ends_and_its_error_stays_in_it() -> None:
    async def stubborn() -> None:
        for _ in range(2):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                continue
        await asyncio.sleep(60)

    async def failing() -> None:
        raise ValueError("its own")

    async def story() -> None:
        first, second = asyncio.create_task(stubborn()), asyncio.create_task(failing())
        await asyncio.sleep(0)
        await cancelled(first, second)
        assert first.cancelled() and isinstance(second.exception(), ValueError)
        await cancelled()
        await cancelled(first)

    asyncio.run(story())


def test_a_client_that_is_cancelled_while_it_stops_does_not_cancel_who_waits() -> None:
    async def stop() -> None:
        raise asyncio.CancelledError

    async def fail() -> None:
        raise OSError("gone")

    async def story() -> None:
        await finished(stop())
        with pytest.raises(OSError, match="gone"):
            await finished(fail())

    asyncio.run(story())
