"""Creatives, segments and revocations as keys of a Redis: what an ad server that has one looks up there.

u:<user>|<campaign>|<slot>, s:..., d|...   the creative as published, until it expires
audience|<user>                            the segment of a user
revocation|<kind>|<id>                     what must not be shown any more; readers obey it themselves
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from streams.loud_end import RefusedError
from streams.metrics.lookup import MATERIALISED
from streams.topics import AUDIENCE, CREATIVE, REVOCATION

MIRRORED: Final = (REVOCATION, AUDIENCE, CREATIVE)
PREFIXES: Final = {CREATIVE.name: b"", AUDIENCE.name: b"audience|", REVOCATION.name: b"revocation|"}
AT_ONCE: Final = 2_000
"""Commands of one round trip."""
_AGAIN_S: Final = 1.0

log = logging.getLogger(__name__)


class _Expiring(msgspec.Struct):
    expires: int


_expiring: Final = msgspec.json.Decoder(_Expiring)

Change = tuple[bytes, bytes | None, int | None]
"""Key, value (None = delete), Unix ms until which it stands (None = for good)."""


def mirror_changes_of(records: Sequence[Any], now_ms: int) -> list[Change]:
    """What records of one partition change; a creative that cannot be read or has expired is deleted."""
    made: list[Change] = []
    for record in records:
        key, value, until_ms = PREFIXES[record.topic] + (record.key or b""), record.value, None
        if record.topic == CREATIVE.name and value is not None:
            try:
                until_ms = _expiring.decode(value).expires
            except (msgspec.DecodeError, UnicodeDecodeError):
                until_ms = 0
            if until_ms <= now_ms:
                value, until_ms = None, None
        made.append((key, value, until_ms))
    return made


class RedisMirror:
    """Takes records and writes them in their order. What was written is written again after a restart: the
    last word on a key stands."""

    def __init__(self, url: str, clock_ms: Callable[[], int]) -> None:
        try:
            from redis.asyncio import Redis
            from redis.exceptions import RedisError
        except ImportError as error:
            raise RefusedError("Redis needs a client: pip install 'shiftcast[redis]'") from error
        self._error: type[Exception] = RedisError
        try:
            self._redis = Redis.from_url(url)
        except ValueError as error:
            raise RefusedError(
                f"the address of the Redis is none: {error}; give redis://host:6379/0"
            ) from error
        self._clock_ms = clock_ms
        self._waiting: list[Change] = []

    async def start(self) -> None:
        """Raises RefusedError when nobody answers."""
        try:
            await self._redis.ping()
        except (self._error, OSError) as error:
            raise RefusedError(
                f"the Redis does not answer: {error}; give its address with --redis"
            ) from error

    def take(self, records: Sequence[Any]) -> None:
        """Records of one partition; `flush` writes them."""
        self._waiting += mirror_changes_of(records, self._clock_ms())

    async def flush(self) -> None:
        """Writes what was taken. A Redis that is away is waited for: nothing is left out."""
        for start in range(0, len(self._waiting), AT_ONCE):
            part = self._waiting[start : start + AT_ONCE]
            while not await self._written(part):
                await asyncio.sleep(_AGAIN_S)
        self._waiting = []

    async def stop(self) -> None:
        await self._redis.aclose()

    async def _written(self, part: Sequence[Change]) -> bool:
        pipeline = self._redis.pipeline(transaction=False)
        for key, value, until_ms in part:
            if value is None:
                pipeline.delete(key)
            else:
                pipeline.set(key, value, pxat=until_ms)
        try:
            await pipeline.execute()
        except (self._error, OSError) as error:
            log.warning("the Redis took nothing: %s. It is tried again", error)
            return False
        deleted = sum(value is None for _, value, _ in part)
        MATERIALISED.labels("deleted").inc(deleted)
        MATERIALISED.labels("set").inc(len(part) - deleted)
        return True
