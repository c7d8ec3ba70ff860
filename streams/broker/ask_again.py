"""A question to a broker that may be away: asked again until there is an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from aiokafka.errors import KafkaError, KafkaTimeoutError

from streams.broker.clients import BrokerAwayError

PAUSE_S: Final = 1.0

Answer = TypeVar("Answer")


async def ask_again(ask: Callable[[], Awaitable[Answer]], pause_s: float = PAUSE_S) -> Answer:
    """What `ask` returns. It is called again after each error that says that the broker is away, moves or
    starts; any other is raised."""
    while True:
        try:
            return await ask()
        except BrokerAwayError:
            pass
        except KafkaError as error:
            if not error.retriable and not isinstance(error, KafkaTimeoutError):
                raise
        await asyncio.sleep(pause_s)
