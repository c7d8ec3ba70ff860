"""Reads some topics from now on, without a group: a watcher never takes a partition from a worker and leaves
nothing behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord

from streams.broker.clients import reader_options
from streams.broker.following.changes import FollowedTopics
from streams.broker.following.places import known_topics, places_of
from streams.settings import Settings
from streams.tasks.cancelled import cancelled, finished

OnTailRecord = Callable[[ConsumerRecord[Any, Any]], None]


class Tail:
    """Hands each record that is appended after `start` to `on_record`, in partition order, those of
    partitions that are added too. `start` returns once the positions are known."""

    def __init__(
        self, settings: Settings, topics: Sequence[str], on_record: OnTailRecord, *, from_start: bool = False
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._on_record = on_record
        self._from_start = from_start
        self._consumer: AIOKafkaConsumer | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connects and begins. Raises RefusedError for a missing topic and BrokerUnreachableError without a
        broker."""
        known = await known_topics(self._settings, self._topics)
        followed, partitions = FollowedTopics(known, time.monotonic()), places_of(known, self._topics)
        self._consumer = consumer = AIOKafkaConsumer(**reader_options(self._settings), fetch_max_wait_ms=100)
        try:
            await consumer.start()
            consumer.assign(partitions)
            await (
                consumer.seek_to_beginning(*partitions)
                if self._from_start
                else consumer.seek_to_end(*partitions)
            )
            for partition in partitions:
                await consumer.position(partition)
        except BaseException:
            await consumer.stop()
            raise
        self._task = asyncio.create_task(self._run(consumer, followed))

    async def stop(self) -> None:
        if self._task is not None:
            await cancelled(self._task)
        if self._consumer is not None:
            await finished(self._consumer.stop())

    def check(self) -> None:
        """Raises what ended the reading, if anything did: a watcher that shows an old picture must say so."""
        if (
            self._task is not None
            and self._task.done()
            and not self._task.cancelled()
            and (error := self._task.exception())
        ):
            raise error

    async def _run(self, consumer: AIOKafkaConsumer, followed: FollowedTopics) -> None:
        while True:
            await followed.read_added(consumer, time.monotonic())
            batches = await consumer.getmany(timeout_ms=250)
            for records in batches.values():
                for record in records:
                    self._on_record(record)
