"""A broker of its own with topics, a catalogue and a campaign; workers on it; what stands on its topics. No
process outlives the block."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from models.catalog.version import Catalog
from models.interest.detector.shift import DetectorSettings
from streams import records as r
from streams.artifacts.catalog_version import records_of
from streams.artifacts.kinds import artifact_key
from streams.broker.admin import create
from streams.broker.producer import OutputProducer
from streams.broker.read_once import read_topics
from streams.local_broker.server import Broker
from streams.settings import Settings
from streams.topics import (
    ARTIFACT,
    CAMPAIGN,
    LINK_TOPICS,
    OUTCOME,
    RENDER_REQUEST,
    REQUEST,
    USER_TOPICS,
)
from streams.wire.codecs import encode
from streams.wire.output import Output
from tests.models.small_catalogue import catalogue
from tests.workers import PATIENCE_S, Worker

SESSION_S: Final = 6
PATIENCE_MS: Final = 180_000
"""A test sends on after a broker has been away."""
EAGER: Final = DetectorSettings(threshold=3.0, warm_up=4)
CAMPAIGNS: Final = ("c0", "c1", "c2")
SOURCES: Final = {
    "agents.update_profiles": ("profiles", (*USER_TOPICS, *LINK_TOPICS)),
    "agents.generate_creatives": ("generator", (REQUEST,)),
    "agents.measure_feedback": ("feedback", (OUTCOME,)),
    "agents.render_assets": ("renderer", (RENDER_REQUEST,)),
}


@lru_cache(maxsize=1)
def small_catalogue() -> Catalog:
    """240 items of 24 kinds, each called by a noun that has a drawing, and a detector that fires often."""
    made = catalogue(categories=True)
    return replace(made, items=tuple(replace(each, noun="lamp") for each in made.items), detector=EAGER)


def campaigns() -> list[r.Campaign]:
    """Three campaigns with a template for two slots."""
    template = r.Template(
        "t1", "native", "en", "{brand}: find your {noun}", "{title} for {price}.", "Shop now", audit=3
    )
    wide = r.Template(
        "t2",
        "banner_300x250",
        "en",
        "Your next {noun}",
        "See the {title} at {brand}.",
        "See details",
        audit=3,
    )
    advertiser = r.Advertiser("Stridewell", ["shop.example"])
    return [r.Campaign(name, 1, "active", advertiser, templates=[template, wide]) for name in CAMPAIGNS]


@dataclass
class Cluster:
    """One broker and where its workers keep their files."""

    settings: Settings
    folder: Path
    workers: list[Worker] = field(default_factory=list)
    broker: Broker | None = None

    def worker(self, name: str, module: str = "agents.update_profiles", **env: str) -> Worker:
        """A worker with a fixed member id and a data folder of its own, not yet started."""
        common = {
            "KAFKA_BROKER": self.settings.broker,
            "SHIFTCAST_PARTITIONS": str(self.settings.partitions),
            "SHIFTCAST_APP_PREFIX": self.settings.app_prefix,
            "SHIFTCAST_SESSION_TIMEOUT_S": str(SESSION_S),
            "SHIFTCAST_INSTANCE_ID": name,
            "SHIFTCAST_COPYWRITER": "stub:5",
            "SHIFTCAST_COOLDOWN_MS": "0",
        }
        made = Worker(module, common | env, self.folder / name)
        self.workers.append(made)
        return made

    async def send(self, outputs: Sequence[Output]) -> None:
        """Store records and wait for the broker."""
        producer = OutputProducer(self.settings)
        await producer.start()
        await producer.send(outputs)
        await producer.stop()

    async def furnish(self) -> None:
        """Topics, a catalogue version and the campaigns."""
        await create(self.settings)
        artifact = [
            Output(ARTIFACT.name, artifact_key(each).encode(), encode(each))
            for each in records_of(small_catalogue())
        ]
        await self.send(
            [
                *artifact,
                *(Output(CAMPAIGN.name, each.campaign_id.encode(), encode(each)) for each in campaigns()),
            ]
        )

    async def read(self, topic: str) -> list[Any]:
        """All records of a topic, each partition in its order."""
        return [record async for record in read_topics(self.settings, [topic])]

    async def committed(
        self, module: str = "agents.update_profiles"
    ) -> dict[TopicPartition, tuple[int, int]]:
        """Per source partition of an app: committed and end offset."""
        name, specs = SOURCES[module]
        group = self.settings.app_id(name)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.broker, group_id=group, enable_auto_commit=False
        )
        await consumer.start()
        try:
            places = [TopicPartition(spec.name, n) for spec in specs for n in range(self.settings.partitions)]
            ends = await consumer.end_offsets(places)
            return {place: (await consumer.committed(place) or 0, ends[place]) for place in places}
        finally:
            await consumer.stop()

    async def caught_up(self, module: str = "agents.update_profiles", timeout_s: float = PATIENCE_S) -> None:
        """Until an app has committed all that stands on its sources."""
        deadline = time.monotonic() + timeout_s
        while behind := {
            str(tp): pair for tp, pair in (await self.committed(module)).items() if pair[0] < pair[1]
        }:
            tails = "\n".join(worker.said()[-1_500:] for worker in self.workers)
            assert time.monotonic() < deadline, (
                f"not committed after {timeout_s} s (committed, end): {behind}\n{tails}"
            )
            await asyncio.sleep(0.3)

    async def last_of(self, topic: str, key: bytes, depth: int = 5_000) -> list[bytes]:
        """Per partition the newest value of a key among the last `depth` records; empty without one."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.settings.broker, enable_auto_commit=False)
        await consumer.start()
        found = []
        try:
            places = [TopicPartition(topic, n) for n in range(self.settings.partitions)]
            for place, end in (await consumer.end_offsets(places)).items():
                value = b""
                consumer.assign([place])
                consumer.seek(place, max(0, end - depth))
                while await consumer.position(place) < end:
                    records = (await consumer.getmany(place, timeout_ms=500)).get(place, [])
                    value = next((each.value for each in reversed(records) if each.key == key), value)
                found.append(value)
        finally:
            await consumer.stop()
        return found

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[AIOKafkaProducer]:
        """An idempotent producer, whose records are stored when the block ends."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.settings.broker,
            linger_ms=5,
            enable_idempotence=True,
            request_timeout_ms=PATIENCE_MS,
        )
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    def end(self) -> None:
        """Kill what still runs."""
        for worker in self.workers:
            worker.kill()


@contextmanager
def cluster(folder: Path, partitions: int = 2) -> Iterator[Cluster]:
    """A started broker with everything a worker needs."""
    broker = Broker(folder / "broker")
    address = broker.start().address
    assert address is not None
    settings = Settings(broker=address, partitions=partitions, cooldown_ms=0)
    made = Cluster(settings, folder, broker=broker)
    try:
        asyncio.run(made.furnish())
        yield made
    finally:
        made.end()
        broker.stop()
        broker.wipe()


async def ready(*workers: Worker) -> None:
    """Start workers and wait until all take events."""
    for worker in workers:
        worker.start()
    await asyncio.gather(*(asyncio.to_thread(worker.wait_assigned) for worker in workers))
