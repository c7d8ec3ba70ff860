"""Reading without a group: who keeps up with compacted reference topics."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer

from streams.broker.clients import POLL_MS
from streams.broker.following.changes import FollowedTopics
from streams.broker.following.places import known_topics, places_of
from streams.broker.following.silence import Silence
from streams.broker.read_once import every_record, until_ends
from streams.records import Record
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.topics import BY_NAME, TopicSpec
from streams.wire.codecs import Headers, WireLimits, decode
from streams.wire.refusals import Rejected

OnRecord = Callable[[TopicSpec, str, Record | None, Headers, int], None]
OnRejected = Callable[[TopicSpec, Any, Rejected], None]
WantsRecord = Callable[[TopicSpec, bytes | None], bool]

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
        known = await known_topics(self._settings, names)
        topics, places = FollowedTopics(known, time.monotonic()), places_of(known, names)
        self._consumer = consumer = AIOKafkaConsumer(**every_record(self._settings))
        try:
            await consumer.start()
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            async for _tp, records in until_ends(consumer, await consumer.end_offsets(places)):
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
            await topics.read_added(consumer, time.monotonic())

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


def _log_rejected(spec: TopicSpec, record: Any, error: Rejected) -> None:
    log.warning(
        "%s/%s/%s skipped: %s (%s)", spec.name, record.partition, record.offset, error.message, error.reason
    )
