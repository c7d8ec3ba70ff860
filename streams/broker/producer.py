"""The two ways out: outputs to their topics, and the rows of a flush to the changelog in one record batch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaTimeoutError, UnknownTopicOrPartitionError

from streams.broker.ask_again import ask_again
from streams.broker.clients import client_options
from streams.broker.follow import partitions_of
from streams.broker.foreign_rows import keys_between
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.wire.output import ChangelogRow, Output

Acknowledgements = list["asyncio.Future[Any]"]
MANY: Final = 64
"""So many outputs at once leave in record batches made here."""

MAX_BATCH_BYTES: Final = 15 * 1024 * 1024
MAX_REQUEST_BYTES: Final = 16 * 1024 * 1024
OUTPUT_REQUEST_BYTES: Final = 4 * 1024 * 1024
LINGER_MS: Final = 0
"""What one batch of the worker makes is handed over at once, and while a request is in flight what comes next
gathers anyway."""


class OutputProducer:
    """Sends outputs in the order given. Idempotent: a retry of the client stores nothing twice."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect. Raises KafkaError."""
        self._producer = AIOKafkaProducer(
            **client_options(self._settings),
            enable_idempotence=True,
            linger_ms=LINGER_MS,
            max_batch_size=1 << 20,
            max_request_size=OUTPUT_REQUEST_BYTES,
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Deliver what is queued and disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def enqueue(self, outputs: Iterable[Output]) -> Acknowledgements:
        """Hand over; the futures resolve when the broker has stored them. Raises RefusedError for a topic
        that is not there, KafkaError."""
        assert self._producer is not None, "start() first"
        outputs = list(outputs)
        if len(outputs) >= MANY and all(output.partition is not None for output in outputs):
            return await self._enqueue_many(self._producer, outputs)
        send = self._producer.send
        return [
            await _queued(
                partial(send, o.topic, o.value, o.key, o.partition, o.timestamp_ms, o.headers or None),
                self._settings,
                o.topic,
            )
            for o in outputs
        ]

    async def _enqueue_many(self, producer: AIOKafkaProducer, outputs: Iterable[Output]) -> Acknowledgements:
        """In record batches made here, one partition's in order: `send` costs several times as much per
        record."""
        by_place: dict[tuple[str, int], list[Output]] = {}
        for o in outputs:
            by_place.setdefault((o.topic, o.partition or 0), []).append(o)
        waiting: Acknowledgements = []
        for (topic, partition), mine in by_place.items():
            done = 0
            while done < len(mine):
                builder = producer.create_batch()
                done = _fill(builder, mine, done)
                send = partial(producer.send_batch, builder, topic, partition=partition)
                waiting.append(await _queued(send, self._settings, topic))
        return waiting

    async def send(self, outputs: Sequence[Output]) -> None:
        """Send and wait until all are stored. Raises KafkaError."""
        await acknowledged(await self.enqueue(outputs))


async def acknowledged(waiting: Acknowledgements) -> None:
    """Wait until all are stored; the first failure is raised."""
    if waiting:
        await asyncio.gather(*waiting)


class ChangelogProducer:
    """Writes all rows of one flush as ONE record batch, which the log keeps or drops whole."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect. Raises KafkaError."""
        self._producer = AIOKafkaProducer(
            **client_options(self._settings),
            enable_idempotence=True,
            max_batch_size=MAX_BATCH_BYTES,
            max_request_size=MAX_REQUEST_BYTES,
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def send(
        self, partition: int, rows: Sequence[ChangelogRow], header: tuple[str, bytes]
    ) -> asyncio.Future[Any]:
        """Hand over, each row with `header`; the future gives the offset of the first row. Raises
        RefusedError when the rows exceed one batch, KafkaError."""
        assert self._producer is not None, "start() first"
        builder = self._producer.create_batch()
        if not filled(builder, rows, int(time.time() * 1000), [header]):
            raise RefusedError(
                f"{self._topic}[{partition}]: {len(rows)} changed rows exceed one record batch of "
                f"{MAX_BATCH_BYTES} bytes: "
                "lower SHIFTCAST_BATCH_RECORDS or SHIFTCAST_ARENA_BYTES"
            )
        send_batch = partial(self._producer.send_batch, builder, self._topic, partition=partition)
        return await _queued(send_batch, self._settings, self._topic)

    async def foreign_keys(self, partition: int, start: int, end: int) -> list[bytes]:
        """Row keys of the records at offsets start..end-1. Raises KafkaError."""
        return await keys_between(self._settings, TopicPartition(self._topic, partition), start, end)


async def _queued(
    send: Callable[[], Awaitable[asyncio.Future[Any]]], settings: Settings, topic: str
) -> asyncio.Future[Any]:
    """Hand over; while the broker is away the client's queue is full, or it does not know a topic yet that it
    has not sent to, and nothing was taken: wait on."""
    while True:
        try:
            with suppress(KafkaTimeoutError):
                return await send()
        except UnknownTopicOrPartitionError:  # also what the client says when nobody told it in time
            await ask_again(partial(partitions_of, settings, [topic]))


def _fill(builder: Any, outputs: Sequence[Output], start: int) -> int:
    """Put outputs[start:] into an empty batch and close it. Returns the index of the first that found no
    room; as `filled` for the rest."""
    append = builder._builder.append  # noqa: SLF001
    n = 0
    for o in outputs[start:]:
        if append(n, o.timestamp_ms, o.key, o.value, o.headers) is None:
            break
        n += 1
    builder._relative_offset = n  # noqa: SLF001
    builder.close()
    return start + n


def filled(
    builder: Any, rows: Sequence[ChangelogRow], now_ms: int, headers: Sequence[tuple[str, bytes]]
) -> bool:
    """Put all rows into an empty batch and close it; False when they do not fit.

    Past `BatchBuilder.append` of aiokafka 0.14, which costs three times what the builder in C inside it does;
    tests/streams/worker/test_contracts.py guards what this relies on.
    """
    append = builder._builder.append  # noqa: SLF001
    for offset, (key, value) in enumerate(rows):
        if append(offset, now_ms, key, value, headers) is None:
            return False
    builder._relative_offset = len(rows)  # noqa: SLF001
    builder.close()
    return True
