"""What some topics hold now, read without a group: each reader ends where the topics ended when it began."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams.broker.clients import POLL_MS, reader_options
from streams.broker.following.places import partitions_of
from streams.settings import Settings

_FETCH_BYTES: Final = 4 * 1024 * 1024
EMPTY_ANSWERS: Final = 3


async def read_topics(
    settings: Settings,
    topics: Sequence[str],
    *,
    partitions: Sequence[int] | None = None,
    since_ms: int | None = None,
) -> AsyncGenerator[ConsumerRecord, None]:
    """Every record that `topics` hold at this moment, raw: of some partitions only, or appended at or after
    `since_ms` only.

    Each partition comes in its order. Raises RefusedError for a missing topic.
    """
    every = await partitions_of(settings, topics)
    chosen = [tp for tp in every if partitions is None or tp.partition in partitions]
    async with _reader(settings) as consumer:
        consumer.assign(chosen)
        await _seek(consumer, chosen, since_ms)
        ends = await consumer.end_offsets(chosen)
        async for tp, records in until_ends(consumer, ends):
            for record in records:
                if record.offset < ends[tp]:
                    yield record


async def read_last(settings: Settings, topic: str, depth: int) -> AsyncIterator[ConsumerRecord]:
    """The records at the last `depth` offsets of each partition. Raises RefusedError for a missing topic."""
    places = await partitions_of(settings, [topic])
    async with _reader(settings) as consumer:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for tp, begin in (await consumer.beginning_offsets(places)).items():
            consumer.seek(tp, max(begin, ends[tp] - depth))
        async for _tp, records in until_ends(consumer, ends):
            for record in records:
                yield record


async def first_offsets(settings: Settings, topics: Sequence[str]) -> dict[TopicPartition, int]:
    """Where each partition of `topics` begins now. Raises RefusedError for a missing topic."""
    async with _reader(settings) as consumer:
        found: dict[TopicPartition, int] = await consumer.beginning_offsets(
            await partitions_of(settings, topics)
        )
        return found


async def read_firsts(
    settings: Settings, topic: str, offsets: Mapping[int, int]
) -> dict[int, ConsumerRecord]:
    """Per partition the first record at or after its offset that is left; none where nothing is. Raises
    RefusedError for a missing topic."""
    places = {
        tp: offsets[tp.partition] for tp in await partitions_of(settings, [topic]) if tp.partition in offsets
    }
    found: dict[int, ConsumerRecord] = {}
    async with _reader(settings) as consumer:
        begins = await consumer.beginning_offsets(list(places))
        ends = await consumer.end_offsets(list(places))
        consumer.assign(list(places))
        for tp, offset in places.items():  # behind the end the client would begin anew at the beginning
            consumer.seek(tp, min(max(begins[tp], offset), ends[tp]))
        async for tp, records in until_ends(consumer, ends):
            found.setdefault(tp.partition, records[0])
            consumer.seek(tp, ends[tp])
    return found


def every_record(settings: Settings) -> dict[str, Any]:
    """Options of a client that begins where a topic begins."""
    return {
        **reader_options(settings),
        "auto_offset_reset": "earliest",
        "max_partition_fetch_bytes": _FETCH_BYTES,
    }


@asynccontextmanager
async def _reader(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(**every_record(settings))
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _seek(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], since_ms: int | None
) -> None:
    """To the first record appended at or after `since_ms`, or to the beginning."""
    if since_ms is None:
        await consumer.seek_to_beginning(*partitions)
        return
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
    ends = await consumer.end_offsets(partitions)
    for tp in partitions:
        consumer.seek(tp, found[tp].offset if found.get(tp) else ends[tp])


async def until_ends(
    consumer: Any, ends: dict[TopicPartition, int]
) -> AsyncIterator[tuple[TopicPartition, list[Any]]]:
    """Batches until every partition has been read to its end; what arrived meanwhile may come along.

    Compaction can take the last records away: then no record ever reaches the end, and the broker answers
    with nothing at a position before it. Such a partition is done when that has happened EMPTY_ANSWERS times
    in a row.
    """
    waiting = dict(ends)
    empty: dict[
        TopicPartition, tuple[int, int | None, int]
    ] = {}  # position, time of the last answer, empty answers there
    while True:
        for tp, end in list(waiting.items()):
            position, answered = await consumer.position(tp), consumer.last_poll_timestamp(tp)
            before, last, count = empty.get(tp, (-1, None, 0))
            if position != before:
                count = 0
            elif answered != last:
                count += 1
            empty[tp] = (position, answered, count)
            if position >= end or count >= EMPTY_ANSWERS:
                del waiting[tp]
        if not waiting:
            return
        for tp, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
            yield tp, records
