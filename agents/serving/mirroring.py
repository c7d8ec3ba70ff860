"""A mirror from start to stop: the topics are read to their ends into Redis, then what comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from agents.serving.mirror import MIRRORED, RedisMirror
from streams.broker.follow import RawFollower
from streams.loud_end import RefusedError, line_of, stop_signals
from streams.metrics_server import serve_metrics
from streams.settings import Settings
from streams.unix_time import unix_ms

APP: Final = "materialiser"
_LOOK_S: Final = 1.0


async def materialise(settings: Settings, say: Callable[[], None]) -> None:
    """Mirrors until a signal stops it; says when all that stood on the topics is written. Raises
    RefusedError."""
    if not settings.redis_url:
        raise RefusedError("no Redis is named: give --redis URL, or set SHIFTCAST_REDIS_URL")
    ended = asyncio.Event()
    for number in stop_signals():
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    mirror = RedisMirror(settings.redis_url, unix_ms)
    follower = RawFollower(settings, MIRRORED, mirror.take, taken=mirror.flush)
    loaded = False

    def unready() -> str:
        return "" if loaded else "writing what stands on the topics"

    serve_metrics(settings, APP, lambda: "", unready)
    await mirror.start()
    try:
        await follower.start()
        loaded = True
        say()
        while not ended.is_set():
            if follower.failed is not None:
                raise RefusedError(f"no longer following the topics: {line_of(follower.failed)}")
            try:
                await asyncio.wait_for(ended.wait(), _LOOK_S)
            except TimeoutError:
                continue
    finally:
        await follower.stop()
        await mirror.stop()
