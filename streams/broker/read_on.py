"""Reading a topic on from known offsets without a group: whoever keeps its own positions, beside what it made
of the records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer

from streams.broker.clients import reader_options
from streams.broker.follow import POLL_MS, partitions_of
from streams.settings import Settings

Batches = AsyncIterator[list[tuple[int, list[Any]]]]
"""Per partition its next records, in order; an empty list when nothing came for POLL_MS."""


@asynccontextmanager
async def read_on(settings: Settings, topic: str, begins: Mapping[int, int]) -> AsyncIterator[Batches]:
    """All partitions of `topic` from these offsets on, for ever; from the first record that is left where
    none is given, where retention deleted it, or where the topic is shorter: it was made anew.

    Raises RefusedError for a missing topic.
    """
    places = await partitions_of(settings, [topic])
    consumer = AIOKafkaConsumer(**{**reader_options(settings), "auto_offset_reset": "earliest"})
    await consumer.start()
    try:
        consumer.assign(places)
        firsts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for tp in places:
            begin = begins.get(tp.partition, 0)
            consumer.seek(tp, begin if firsts[tp] <= begin <= ends[tp] else firsts[tp])
        yield _batches(consumer)
    finally:
        await consumer.stop()


async def _batches(consumer: AIOKafkaConsumer) -> Batches:
    while True:
        taken = await consumer.getmany(timeout_ms=POLL_MS)
        yield [(tp.partition, records) for tp, records in taken.items()]
