"""Reading without a group: `Follower` keeps up with compacted reference topics, `read` yields what a topic
holds now."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams.broker.clients import admin, reader_options
from streams.broker.following.changes import FollowedTopics, places_of
from streams.broker.following.silence import Silence
from streams.broker.identity import TopicIdentity, identify_cluster
from streams.loud_end import RefusedError
from streams.records import Record
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.topics import BY_NAME, TopicSpec
from streams.wire.codecs import Headers, WireLimits, decode
from streams.wire.refusals import Rejected

OnRecord = Callable[[TopicSpec, str, Record | None, Headers, int], None]
OnRejected = Callable[[TopicSpec, Any, Rejected], None]
WantsRecord = Callable[[TopicSpec, bytes | None], bool]

_FETCH_BYTES: Final = 4 * 1024 * 1024
POLL_MS: Final = 500
EMPTY_ANSWERS: Final = 3

log = logging.getLogger(__name__)


class RawFollower:
    """All partitions of some topics: read to their end before `start` returns, then tailed.

    `take` gets the records as they came, of one partition at a time and in its order, in the event loop; of
    the tail at most `at_once`, so that who else runs there waits no longer than for these. `taken` is awaited
    before the next are fetched. An exception of either ends the follower; `failed` tells.
    """

    def __init__(
        self,
        settings: Settings,
        topics: Sequence[TopicSpec],
        take: Callable[[Sequence[Any]], None],
        at_once: int | None = None,
        taken: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._take = take
        self._at_once = at_once
        self._taken = taken
        self._consumer: AIOKafkaConsumer | None = None
        self._tail: asyncio.Task[None] | None = None
        self._silence = Silence()

    async def start(self) -> None:
        """Read everything that is there now, then tail. Raises RefusedError without the topics or without a
        broker."""
        names = [spec.name for spec in self._topics]
        known = await _known(self._settings, names)
        topics, places = FollowedTopics(known, time.monotonic()), places_of(known, names)
        self._consumer = consumer = AIOKafkaConsumer(**_options(self._settings))
        try:
            await consumer.start()
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            async for _tp, records in _until(consumer, await consumer.end_offsets(places)):
                await self._hand_over([records])
        except BaseException:
            await consumer.stop()
            raise
        self._note_answers(consumer)
        self._tail = asyncio.create_task(self._follow(consumer, topics), name="follow " + ", ".join(names))

    async def stop(self) -> None:
        """Stop tailing and disconnect."""
        if self._tail is not None:
            await cancelled(self._tail)
        if self._consumer is not None:
            await self._consumer.stop()

    @property
    def failed(self) -> BaseException | None:
        """Why tailing ended, or None while it goes on."""
        if self._tail is None or not self._tail.done() or self._tail.cancelled():
            return None
        return self._tail.exception()

    def silent_s(self) -> float:
        """How long the broker has not answered for the partition it was longest silent about; infinite while
        `start` has not returned."""
        return self._silence.longest_s(time.monotonic())

    async def _follow(self, consumer: AIOKafkaConsumer, topics: FollowedTopics) -> None:
        while True:
            fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=self._at_once)
            self._note_answers(consumer)
            await self._hand_over(fetched.values())
            if self._at_once is not None and fetched:
                await asyncio.sleep(0)  # what is fetched already comes without a turn of the loop
            if added := await topics.added(consumer._client, time.monotonic()):  # noqa: SLF001 - its only way
                await _read_also(consumer, added)

    def _note_answers(self, consumer: AIOKafkaConsumer) -> None:
        stamps = {tp: consumer.last_poll_timestamp(tp) for tp in consumer.assignment()}
        self._silence.note(stamps, time.monotonic())

    async def _hand_over(self, fetched: Iterable[Sequence[Any]]) -> None:
        for records in fetched:
            self._take(records)
            if self._taken is not None:
                await self._taken()


class Follower(RawFollower):
    """As records: `on_record(topic, key, record or None for a tombstone, headers, append time in ms)`.

    `wanted(topic, key)` false skips a record before it is decoded. A record that cannot be decoded goes to
    `on_rejected` and is skipped: the newest readable one stays in force.
    """

    def __init__(
        self,
        settings: Settings,
        topics: Sequence[TopicSpec],
        on_record: OnRecord,
        *,
        wanted: WantsRecord | None = None,
        on_rejected: OnRejected | None = None,
    ) -> None:
        super().__init__(settings, topics, self._decode)
        self._on_record = on_record
        self._wanted = wanted
        self._on_rejected = on_rejected or _log_rejected
        self._limits = WireLimits.of(settings)

    def _decode(self, records: Iterable[Any]) -> None:
        for record in records:
            spec = BY_NAME[record.topic]
            if self._wanted is not None and not self._wanted(spec, record.key):
                continue
            try:
                decoded = decode(
                    spec, record.value, record.key, record.headers, record.timestamp, self._limits
                )
            except Rejected as error:
                self._on_rejected(spec, record, error)
                continue
            self._on_record(spec, record.key.decode(), decoded, record.headers, record.timestamp)


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
        async for tp, records in _until(consumer, ends):
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
        async for _tp, records in _until(consumer, ends):
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
        async for tp, records in _until(consumer, ends):
            found.setdefault(tp.partition, records[0])
            consumer.seek(tp, ends[tp])
    return found


async def partitions_of(settings: Settings, topics: Sequence[str]) -> list[TopicPartition]:
    """All partitions of `topics`. Raises RefusedError when one is missing."""
    return places_of(await _known(settings, topics), topics)


async def _known(settings: Settings, topics: Sequence[str]) -> dict[str, TopicIdentity]:
    async with admin(settings) as client:
        known = (await identify_cluster(client, topics)).topics
    missing = [name for name in topics if name not in known]
    if missing:
        raise RefusedError(
            f"missing on {settings.broker}: {', '.join(missing)}; create with `shiftcast topics create`"
        )
    return known


async def _read_also(consumer: AIOKafkaConsumer, added: Sequence[TopicPartition]) -> None:
    """The new partitions from their beginnings, the others from where they were."""
    positions = {tp: await consumer.position(tp) for tp in consumer.assignment()}
    consumer.assign([*positions, *added])
    for tp, position in positions.items():
        consumer.seek(tp, position)
    await consumer.seek_to_beginning(*added)


def _options(settings: Settings) -> dict[str, Any]:
    return {
        **reader_options(settings),
        "auto_offset_reset": "earliest",
        "max_partition_fetch_bytes": _FETCH_BYTES,
    }


@asynccontextmanager
async def _reader(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(**_options(settings))
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


async def _until(
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


def _log_rejected(spec: TopicSpec, record: Any, error: Rejected) -> None:
    log.warning(
        "%s/%s/%s skipped: %s (%s)", spec.name, record.partition, record.offset, error.message, error.reason
    )
