"""Reading a topic on from known offsets without a group: whoever keeps its own positions, beside what it made
of the records."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer

from streams.broker.clients import POLL_MS, reader_options
from streams.broker.following.changes import FollowedTopics
from streams.broker.following.places import known_topics, places_of
from streams.settings import Settings

MOST_RECORDS: Final = 5_000
"""At once: whoever reads works on them in the event loop."""


class ReadPart(NamedTuple):
    """The next records of one partition, in order, and how many were behind them then."""

    partition: int
    records: list[Any]
    behind: int


class Reading(NamedTuple):
    """`batches`: one part per partition that had something, an empty list when nothing came for POLL_MS.
    `ends`: offset behind the last record of each partition when the reading began; a partition that was
    added since has none."""

    ends: dict[int, int]
    batches: AsyncIterator[list[ReadPart]]


@asynccontextmanager
async def read_on(settings: Settings, topic: str, begins: Mapping[int, int]) -> AsyncIterator[Reading]:
    """All partitions of `topic` from these offsets on, for ever; from the first record that is left where
    none is given, where retention deleted it, or where the topic is shorter: it was made anew. Partitions
    that are added while it reads are read from their beginnings.

    Raises RefusedError for a missing topic, and in the batches once the topic was made anew.
    """
    known = await known_topics(settings, [topic])
    followed, places = FollowedTopics(known, time.monotonic()), places_of(known, [topic])
    consumer = AIOKafkaConsumer(**{**reader_options(settings), "auto_offset_reset": "earliest"})
    await consumer.start()
    try:
        consumer.assign(places)
        firsts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for tp in places:
            begin = begins.get(tp.partition, 0)
            consumer.seek(tp, begin if firsts[tp] <= begin <= ends[tp] else firsts[tp])
        yield Reading({tp.partition: end for tp, end in ends.items()}, _batches(consumer, followed))
    finally:
        await consumer.stop()


async def _batches(consumer: AIOKafkaConsumer, followed: FollowedTopics) -> AsyncIterator[list[ReadPart]]:
    while True:
        await followed.read_added(consumer, time.monotonic())
        taken = await consumer.getmany(timeout_ms=POLL_MS, max_records=MOST_RECORDS)
        yield [
            ReadPart(tp.partition, records, max(0, (consumer.highwater(tp) or 0) - records[-1].offset - 1))
            for tp, records in taken.items()
        ]
