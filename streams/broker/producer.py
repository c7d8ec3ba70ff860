"""The two ways out: outputs to their topics, and the rows of a flush to the changelog in one record batch."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

import numpy as np
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaTimeoutError, UnknownTopicOrPartitionError

from streams.broker.ask_again import ask_again
from streams.broker.batches.record_batch import (
    OutgoingRecords,
    RecordBatchBytes,
    header_section,
    sections_with_id,
)
from streams.broker.clients import client_options
from streams.broker.following.places import partitions_of
from streams.broker.foreign_rows import keys_between
from streams.broker.identity import identify_through
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.unix_time import unix_ms
from streams.wire.codecs import WireLimits
from streams.wire.output import ChangelogRow, Outgoing, Output, OutputColumns, one_by_one
from streams.wire.sendable import check_sendable
from streams.wire.texts import Texts

Acknowledgements = list["asyncio.Future[Any]"]
Place = tuple[str, int]
"""Topic and partition."""
MANY: Final = 64
"""So many outputs at once leave in record batches made here."""
BATCH_BYTES: Final = 1 << 20
"""Of outputs that leave together."""

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
            max_batch_size=BATCH_BYTES,
            max_request_size=OUTPUT_REQUEST_BYTES,
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Deliver what is queued and disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def cluster_id(self) -> str:
        """Of the cluster that it is connected to. Raises KafkaError, RefusedError."""
        assert self._producer is not None, "start() first"
        return (await identify_through(self._producer.client, [])).cluster_id

    async def enqueue(self, outgoing: Iterable[Outgoing]) -> Acknowledgements:
        """Hand over; the futures resolve when the broker has stored them. Raises RefusedError for a topic
        that is not there, KafkaError."""
        assert self._producer is not None, "start() first"
        singly, many = _parted(outgoing)
        send = self._producer.send
        waiting = [
            await _queued(
                partial(send, o.topic, o.value, o.key, o.partition, o.timestamp_ms, o.headers or None),
                self._settings,
                o.topic,
            )
            for o in singly
        ]
        for (topic, partition), records in many:
            for part in records.cut(BATCH_BYTES):
                send_batch = partial(
                    self._producer.send_batch, RecordBatchBytes(part), topic, partition=partition
                )
                waiting.append(await _queued(send_batch, self._settings, topic))
        return waiting

    async def send(self, outputs: Sequence[Output]) -> None:
        """Send and wait until all are stored. Raises KafkaError."""
        await acknowledged(await self.enqueue(outputs))


async def send_once(settings: Settings, outputs: Sequence[Output]) -> None:
    """Connect, send, disconnect; returns when all are stored. Raises RefusedError, also for what every reader
    would refuse, and KafkaError."""
    check_sendable(outputs, WireLimits.of(settings), unix_ms())
    producer = OutputProducer(settings)
    await producer.start()
    try:
        await producer.send(outputs)
    finally:
        await producer.stop()


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
        keys, values = (Texts.of(each) for each in zip(*rows, strict=True))
        sections, times_ms = (
            Texts.repeated(header_section([header]), len(rows)),
            np.full(len(rows), unix_ms()),
        )
        batch = RecordBatchBytes(OutgoingRecords(keys, values, sections, times_ms))
        if batch.size() > MAX_BATCH_BYTES:
            raise RefusedError(
                f"{self._topic}[{partition}]: {len(rows)} changed rows exceed one record batch of "
                f"{MAX_BATCH_BYTES} bytes: "
                "lower SHIFTCAST_BATCH_RECORDS or SHIFTCAST_ARENA_BYTES"
            )
        send_batch = partial(self._producer.send_batch, batch, self._topic, partition=partition)
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


def _parted(outgoing: Iterable[Outgoing]) -> tuple[list[Output], list[tuple[Place, OutgoingRecords]]]:
    """What the client is given one by one, and what leaves in record batches made here."""
    singly: list[Output] = []
    together: defaultdict[Place, list[OutputColumns]] = defaultdict(list)
    for each in outgoing:
        if isinstance(each, Output):
            singly.append(each)
        else:
            together[each.topic, each.partition].append(each)
    many: list[tuple[Place, OutgoingRecords]] = []
    for place, columns in together.items():
        if sum(each.records for each in columns) < MANY:
            singly += one_by_one(columns)
        else:
            many.append((place, _joined(columns)))
    if len(singly) < MANY or any(output.partition is None for output in singly):
        return singly, many
    by_place: defaultdict[Place, list[Output]] = defaultdict(list)
    for output in singly:
        by_place[output.topic, output.partition or 0].append(output)
    return [], many + [(place, _packed(outputs)) for place, outputs in by_place.items()]


def _packed(outputs: Sequence[Output]) -> OutgoingRecords:
    at_ms = unix_ms()
    times_ms = [at_ms if output.timestamp_ms is None else output.timestamp_ms for output in outputs]
    return OutgoingRecords(
        Texts.of([output.key for output in outputs]),
        Texts.of([output.value for output in outputs]),
        Texts.of([header_section(output.headers) for output in outputs]),
        np.array(times_ms, np.int64),
    )


def _joined(outgoing: Sequence[OutputColumns]) -> OutgoingRecords:
    keys = Texts.joined([each.keys for each in outgoing])
    return OutgoingRecords(
        keys,
        Texts.joined([each.values for each in outgoing]),
        Texts.joined([sections_with_id(each.id_name, each.ids, each.headers) for each in outgoing]),
        np.full(len(keys), unix_ms()),
    )
