"""One record on ads.identity.v1, in a user's name."""

from __future__ import annotations

from streams.broker.clients import require_broker
from streams.broker.producer import send_once
from streams.settings import Settings
from streams.wire.output import Output


async def send_statement(settings: Settings, statement: Output) -> None:
    """Send it. Raises RefusedError without a broker, KafkaError."""
    await require_broker(settings)
    await send_once(settings, [statement])
