"""What topics hold now as records, for who looks once and needs nothing of what would be refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from aiokafka import ConsumerRecord

from streams.broker.read_once import read_topics
from streams.records import Record
from streams.settings import Settings
from streams.topics import TopicSpec
from streams.wire.codecs import WireLimits, decode
from streams.wire.refusals import Rejected


async def read_records(
    settings: Settings,
    topics: Sequence[TopicSpec],
    partitions: Sequence[int] | None = None,
    wanted: Callable[[ConsumerRecord], bool] = lambda _: True,
) -> AsyncIterator[tuple[TopicSpec, ConsumerRecord, Record | None]]:
    """Each with its topic and as it came; None is a tombstone. What is not `wanted` is not decoded. Raises
    RefusedError for a missing topic."""
    limits = WireLimits.of(settings)
    specs = {spec.name: spec for spec in topics}
    async for raw in read_topics(settings, list(specs), partitions=partitions):
        if not wanted(raw):
            continue
        spec = specs[raw.topic]
        try:
            record = decode(spec, raw.value, raw.key, raw.headers, raw.timestamp, limits)
        except Rejected:
            continue
        yield spec, raw, record
