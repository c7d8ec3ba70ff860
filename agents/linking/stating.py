"""One record on ads.identity.v1, in a user's name."""

from __future__ import annotations

import re

from streams.broker.clients import require_broker
from streams.broker.producer import send_once
from streams.loud_end import RefusedError
from streams.records.base import USER_PATTERN
from streams.settings import Settings
from streams.wire.output import Output


def require_user_keys(*names: str) -> None:
    """Raises RefusedError for what no producer may use as a key."""
    for name in names:
        if not re.match(USER_PATTERN, name):
            raise RefusedError(f"{name!r} is no user key: 1 to 128 characters of A-Z a-z 0-9 _ -")


async def send_statement(settings: Settings, statement: Output) -> None:
    """Send it. Raises RefusedError without a broker, KafkaError."""
    await require_broker(settings)
    await send_once(settings, [statement])
