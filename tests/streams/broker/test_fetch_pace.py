"""Fetches of one broker keep their distance; those of others do not wait for them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from streams.broker.fetch_pace import paced

PACE_S = 0.05


class Fetches:
    """Notes when each fetch began."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, float]] = []

    async def fetch(self, assignment: Any, node_id: int, request: Any) -> bool:
        self.begun.append((node_id, time.monotonic()))
        return True


def test_fetches_of_one_broker_begin_a_pace_apart_and_another_broker_does_not_wait() -> None:
    async def story() -> None:
        fetches = Fetches()
        fetch = paced(fetches.fetch, PACE_S)
        assert all(await asyncio.gather(*(fetch(None, node_id, None) for node_id in (1, 2))))
        assert await fetch(None, 1, None)
        assert [node_id for node_id, _ in fetches.begun] == [1, 2, 1]
        first, _, again = (began for _, began in fetches.begun)
        assert again - first >= PACE_S

    asyncio.run(story())


def test_a_fetch_that_is_cancelled_while_it_waits_brings_nothing_and_is_not_sent() -> None:
    async def story() -> None:
        fetches = Fetches()
        fetch = paced(fetches.fetch, 60.0)
        await fetch(None, 1, None)
        waiting = asyncio.ensure_future(fetch(None, 1, None))
        await asyncio.sleep(0)
        waiting.cancel()
        assert await waiting is False
        assert len(fetches.begun) == 1

    asyncio.run(story())
