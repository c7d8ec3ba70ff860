"""Fetches that keep a distance: a trickle is otherwise fetched record by record, and each fetch asks for
every partition anew."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, Final

PACE_S: Final = 0.005
"""What a record waits at most; at 1,000 events/s five come together."""

Fetch = Callable[[Any, int, Any], Awaitable[bool]]
"""aiokafka's `Fetcher._proc_fetch_request`: (assignment, node id, request) -> whether there are new
records."""


def paced(fetch: Fetch, pace_s: float = PACE_S) -> Fetch:
    """`fetch`, begun at least `pace_s` after the one before it from the same broker. A quiet broker answers
    as fast as ever."""
    began: defaultdict[int, float] = defaultdict(float)

    async def paced_fetch(assignment: Any, node_id: int, request: Any) -> bool:
        wait_s = began[node_id] + pace_s - time.monotonic()
        if wait_s > 0:
            try:
                await asyncio.sleep(wait_s)
            except asyncio.CancelledError:  # aiokafka awaits what it cancels and expects an answer
                return False
        began[node_id] = time.monotonic()
        return await fetch(assignment, node_id, request)

    return paced_fetch
