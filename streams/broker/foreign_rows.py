"""Which rows another writer put into a lane's changelog: read once, after a gap in the offsets of the lane's
own batches."""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.broker.clients import client_options
from streams.settings import Settings


async def keys_between(settings: Settings, tp: TopicPartition, start: int, end: int) -> list[bytes]:
    """Row keys of the records at offsets start..end-1. Raises KafkaError."""
    consumer = AIOKafkaConsumer(
        **client_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        consumer.assign([tp])
        consumer.seek(tp, start)
        keys: dict[bytes, None] = {}
        while await consumer.position(tp) < end:
            for record in (await consumer.getmany(tp, timeout_ms=500)).get(tp, []):
                if record.offset < end and record.key is not None:
                    keys[record.key] = None
        return list(keys)
    finally:
        await consumer.stop()
