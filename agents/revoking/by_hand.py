"""A person's word on what may be shown: one record on ads.revocation.v1."""

from __future__ import annotations

from models.revocations import Revocation
from streams.broker.clients import require_broker
from streams.broker.producer import send_once
from streams.mapping.revocations import revocation_output
from streams.settings import Settings


async def state_by_hand(settings: Settings, said: Revocation, now_ms: int) -> None:
    """Send it. Raises RefusedError without a broker, KafkaError."""
    await require_broker(settings)
    await send_once(settings, [revocation_output(said, now_ms)])
