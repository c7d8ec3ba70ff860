"""Drives toy workers on a real broker: topics, paced input with an oracle, and the verdict over rows,
changelog and outputs."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.broker.admin import wanted_config
from streams.broker.clients import admin, reader_options
from streams.rows.rows_on_disk import LaneStore, open_rows
from streams.rows.sparse_rows import unpacked_bytes
from streams.settings import Settings
from streams.topics import DEAD
from streams.worker.app import changelog_of
from tests.seed import run_seed
from tests.streams.worker.toy_worker import EVERY, TALLY, topics
from tests.workers import PATIENCE_S, Worker

PARTITIONS = 4
SESSION_S = 6
SHARED = Settings().partitions
"""Of the topic that other tests on the same broker use too."""


class ToyRun:
    """One run with topics of its own."""

    def __init__(self, broker: str, folder: Path, partitions: int = PARTITIONS) -> None:
        self.broker, self.folder, self.rng = broker, folder, random.Random(run_seed())
        self.partitions = partitions
        self.prefix = f"toy-{time.time_ns()}"
        self.settings = Settings(broker=broker, app_prefix=self.prefix, partitions=partitions)
        self.expected: dict[bytes, list[list[int]]] = {}  # user -> [count, digest, total] by topic
        self.workers: list[Worker] = []

    async def create_topics(self) -> None:
        async with admin(self.settings) as client:
            existing = set(await client.list_topics())
            specs = [*topics(self.prefix), changelog_of(self.settings, "toy"), DEAD]
            new = [
                NewTopic(s.name, SHARED if s is DEAD else self.partitions, 1, topic_configs=wanted_config(s))
                for s in specs
                if s.name not in existing
            ]
            await client.create_topics(new)

    async def create_anew(self, topic: str) -> None:
        """Delete a topic with its records and create it again, empty."""
        spec = next(s for s in (*topics(self.prefix), changelog_of(self.settings, "toy")) if s.name == topic)
        async with admin(self.settings) as client:
            await client.delete_topics([topic])
            while topic in await client.list_topics():
                await asyncio.sleep(0.1)
            await client.create_topics(
                [NewTopic(topic, self.partitions, 1, topic_configs=wanted_config(spec))]
            )

    async def append(self, topic: str, key: bytes, value: bytes | None, partition: int) -> None:
        """One record, as another writer would."""
        producer = AIOKafkaProducer(bootstrap_servers=self.broker)
        await producer.start()
        await producer.send_and_wait(topic, value, key, partition=partition)
        await producer.stop()

    def worker(self, name: str, **env: str) -> Worker:
        """A worker with a member id and a data folder of its own, not yet started."""
        common = {
            "KAFKA_BROKER": self.broker,
            "TOY_PREFIX": self.prefix,
            "SHIFTCAST_APP_PREFIX": self.prefix,
            "SHIFTCAST_SESSION_TIMEOUT_S": str(SESSION_S),
            "SHIFTCAST_INSTANCE_ID": name,
            "SHIFTCAST_PARTITIONS": str(self.partitions),
        }
        worker = Worker("tests.streams.worker.toy_worker", common | env, self.folder / name)
        self.workers.append(worker)
        return worker

    async def produce(self, n: int, per_s: int = 1000) -> None:
        """`n` events of skewed users in both topics, at about `per_s`."""
        producer = AIOKafkaProducer(bootstrap_servers=self.broker, linger_ms=5, enable_idempotence=True)
        await producer.start()
        names = [spec.name for spec in topics(self.prefix)]
        for i in range(n):
            slot, user, value = (
                self.rng.randrange(2),
                b"u%d" % int(self.rng.paretovariate(0.6) % 300),
                self.rng.randrange(1000),
            )
            await producer.send(names[slot], b"%d" % value, user)
            cell = self.expected.setdefault(user, [[0, 0], [0, 0], [0, 0]])
            cell[0][slot] += 1
            cell[1][slot] = (cell[1][slot] * 31 + value) % (1 << 61)
            cell[2][slot] += value
            if i % 50 == 49:
                await asyncio.sleep(50 / per_s)
        await producer.stop()

    async def lag(self) -> int:
        """Events not committed."""
        options = {**reader_options(self.settings), "group_id": self.settings.app_id("toy")}
        consumer = AIOKafkaConsumer(**options)
        await consumer.start()
        tps = [
            TopicPartition(spec.name, p) for spec in topics(self.prefix)[:2] for p in range(self.partitions)
        ]
        ends = await consumer.end_offsets(tps)
        committed = [await consumer.committed(tp) or 0 for tp in tps]
        await consumer.stop()
        return int(sum(ends[tp] - at for tp, at in zip(tps, committed, strict=True)))

    async def caught_up(self, timeout_s: float = PATIENCE_S) -> None:
        """Until everything is committed."""
        deadline = time.monotonic() + timeout_s
        while behind := await self.lag():
            tails = "\n".join(worker.said()[-1500:] for worker in self.workers)
            assert time.monotonic() < deadline, (
                f"{behind} events are not committed after {timeout_s} s\n{tails}"
            )
            await asyncio.sleep(0.2)

    async def read(self, topic: str) -> list[Any]:
        """All records of a topic."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.broker, auto_offset_reset="earliest", enable_auto_commit=False
        )
        await consumer.start()
        tps = [TopicPartition(topic, p) for p in range(self.partitions)]
        ends = await consumer.end_offsets(tps)
        found = []
        for tp in tps:
            consumer.assign([tp])
            while await consumer.position(tp) < ends[tp]:
                found += (await consumer.getmany(tp, timeout_ms=500)).get(tp, [])
        await consumer.stop()
        return found

    async def compact_changelog(self, timeout_s: float = 90.0) -> None:
        """Until the broker keeps one record of each key at most, but for what is appended last."""
        spec = changelog_of(self.settings, "toy")
        topic = spec.name
        config = {
            **wanted_config(spec),
            "min.cleanable.dirty.ratio": "0",
            "min.compaction.lag.ms": "0",
            "segment.ms": "1",
        }
        async with admin(self.settings) as client:
            await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, config)])
        deadline = time.monotonic() + timeout_s
        while True:
            await self.append(topic, b"rolls the segment", None, 0)
            keys = Counter(record.key for record in await self.read(topic))
            if max(count for key, count in keys.items() if key.startswith(b"t")) == 1:
                return
            assert time.monotonic() < deadline, "nothing was compacted"
            await asyncio.sleep(1)

    async def changelog_ends(self) -> list[int]:
        """End offset of each partition of the changelog."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.broker, enable_auto_commit=False)
        await consumer.start()
        topic = changelog_of(self.settings, "toy").name
        tps = [TopicPartition(topic, p) for p in range(self.partitions)]
        ends = await consumer.end_offsets(tps)
        await consumer.stop()
        return [ends[tp] for tp in tps]

    async def until_exact(self, timeout_s: float = 60.0) -> None:
        """Until the last record of every key in the changelog is right."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                return await self.check()
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.3)

    async def check(self, folders: Iterable[Path] = ()) -> None:
        """The changelog's rows and the outputs, exact; the same for stores that hold all partitions."""
        want = {user: (cell[0], sum(cell[2]), cell[1]) for user, cell in self.expected.items()}
        changelog = await self.read(changelog_of(self.settings, "toy").name)
        assert tallies((record.key, record.value) for record in changelog) == want
        sent = {record.value for record in await self.read(topics(self.prefix)[2].name)}
        marks = (
            (user, slot, n)
            for user, cell in self.expected.items()
            for slot in (0, 1)
            for n in range(EVERY, cell[0][slot] + 1, EVERY)
        )
        assert sent == {b"%s:%d:%d" % mark for mark in marks}
        for folder in folders:
            rows: dict[bytes, Any] = {}
            for lane in range(self.partitions):
                db = open_rows(next(folder.rglob(f"rows-{lane}.db")))
                rows |= tallies(LaneStore(db).scan(b"t", b""))
                db.close()
            assert rows == want

    def end(self) -> None:
        """No process stays."""
        for worker in self.workers:
            worker.kill()


def tallies(rows: Iterable[tuple[bytes, bytes | None]]) -> dict[bytes, Any]:
    """user -> (counts, total, digests), the last row of each key."""
    found = {}
    for key, value in rows:
        if key[:1] == b"t" and value is not None:
            row = np.frombuffer(unpacked_bytes(value), TALLY)[0]
            found[key[1:]] = (row["count"].tolist(), int(row["total"]), row["digest"].tolist())
    return found
