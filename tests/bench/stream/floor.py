"""The floor of W3: what broker, clients and machine take of a creative's way alone, same rate, same run.

A plain consumer in a process of its own answers each event at once with a record of a creative's size. No
agent can undercut what it takes from the intended send of an event to its answer's arrival.
`python -m tests.bench.stream.floor ADDRESS` is that consumer.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic
from confluent_kafka import OFFSET_BEGINNING, Consumer
from confluent_kafka import TopicPartition as Place

from streams.broker.admin import wanted_config
from streams.broker.clients import admin
from streams.records import Click
from streams.settings import Settings
from streams.topics import DAY_MS, TopicSpec
from tests.bench.stream.w3 import Due, now_ms, send_open_loop
from tests.workers import ROOT

EVENTS = TopicSpec("floor.event", Click, "user", "delete", retention_ms=DAY_MS)
ANSWERS = TopicSpec("floor.answer", Click, "user", "delete", retention_ms=DAY_MS)
ANSWER_BYTES = 1_500
WARM_UP = 2_000
"""Events that are not counted: the workers too have met events before their clock runs."""
ANSWERED_S = 30.0
"""How long the last answers are waited for."""


class Answered(msgspec.Struct, gc=False):
    """What the stopwatch reads of an answer."""

    id: str


_DECODER = msgspec.json.Decoder(Answered)


def places(spec: TopicSpec, settings: Settings) -> list[TopicPartition]:
    return [TopicPartition(spec.name, n) for n in range(settings.partitions)]


async def answer_each(settings: Settings) -> None:
    """Until killed: every event is answered at once, with itself and spaces up to the size of a creative."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.broker, fetch_max_wait_ms=50)
    producer = AIOKafkaProducer(bootstrap_servers=settings.broker)
    await consumer.start()
    await producer.start()
    consumer.assign(places(EVENTS, settings))
    await consumer.seek_to_end()
    print("ready", flush=True)
    async for event in consumer:
        await producer.send(ANSWERS.name, event.value.ljust(ANSWER_BYTES), event.key)


class _Stopwatch:
    """When the answer of each event was at a consumer (Unix ms)."""

    def __init__(self) -> None:
        self.at_ms: dict[str, float] = {}
        self.stop = threading.Event()

    def watch(self, settings: Settings) -> None:
        consumer = Consumer(
            {"bootstrap.servers": settings.broker, "group.id": "floor", "fetch.wait.max.ms": 50}
        )
        consumer.assign([Place(ANSWERS.name, n, OFFSET_BEGINNING) for n in range(settings.partitions)])
        while not self.stop.is_set():
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                self.at_ms.setdefault(_DECODER.decode(message.value()).id, now_ms())
        consumer.close()


async def floor_ms(settings: Settings, dues: Sequence[Due]) -> dict[str, float]:
    """p50, p95 and p99 of ms from the intended send time of an event to its answer at a consumer."""
    async with admin(settings) as client:
        await client.create_topics(
            [
                NewTopic(spec.name, settings.partitions, 1, topic_configs=wanted_config(spec))
                for spec in (EVENTS, ANSWERS)
            ]
        )
    command = [sys.executable, "-m", "tests.bench.stream.floor", settings.broker]
    plain = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    stopwatch = _Stopwatch()
    watching = asyncio.create_task(asyncio.to_thread(stopwatch.watch, settings))
    try:
        assert plain.stdout is not None
        await asyncio.to_thread(plain.stdout.readline)
        dues = [replace(due, topic=EVENTS) for due in dues]
        sent = await asyncio.to_thread(send_open_loop, settings, dues)
        end_s = time.monotonic() + ANSWERED_S
        while len(stopwatch.at_ms) < len(dues):
            assert time.monotonic() < end_s, f"{len(dues) - len(stopwatch.at_ms)} events without an answer"
            await asyncio.sleep(0.1)
    finally:
        plain.kill()
        plain.wait()
        stopwatch.stop.set()
        await watching
    counted = [due.id for due in dues[WARM_UP:]]
    waits = [stopwatch.at_ms[event] - sent.intended_ms[event] for event in counted]
    return {f"p{p}_ms": float(np.percentile(waits, p)) for p in (50, 95, 99)}


if __name__ == "__main__":
    asyncio.run(answer_each(Settings(broker=sys.argv[1])))
