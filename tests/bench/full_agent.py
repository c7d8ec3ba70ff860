"""The full-agent row of `make bench-profile`: W2's users and rates through the real profile app, real topics, joins and detector.

90 % impressions, 10 % clicks of the impression before, 240-byte events with device and campaign, a catalogue of 480 items. Exact: each
user's impressions and clicks in row p, and the lane's counters, against what was sent.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic

from models.counters import FIELDS, Counters, Window
from models.profile import PROFILE
from streams import artifacts
from streams.admin import wanted_config
from streams.app import changelog_of
from streams.codecs import encode
from streams.kafka import admin
from streams.partition import partition
from streams.records import Advertiser, Campaign
from streams.settings import Settings
from streams.store import LaneStore, open_rows
from streams.topics import ALL, ARTIFACT, CAMPAIGN, CLICK, IMPRESSION
from streams.variable_rows import payload
from tests.models.small_catalogue import catalogue, items
from tests.workers import Worker

PARTITIONS = 4
CAMPAIGNS = 20
CLICK_SHARE = 0.1
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """User and system seconds of a process, all threads."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) * TICK_S


def event_json(number: int, ts: int, user: str, item: int, last: int | None) -> bytes:
    """An impression, or with `last` the click on that impression."""
    place = '"device":{"devicetype":4,"os":"android","geo":{"country":"DEU","utcoffset":60}}'
    campaign = f'"campaign_id":"c{item % CAMPAIGNS}","slot":"banner_300x250"'
    head = f'"ts":{ts},"user":"{user}","item_id":"i{item}",{campaign},{place}'
    if last is None:
        text = f'{{"id":"i{number:09d}","creative_id":null,"template_id":"t1",{head}}}'
    else:
        text = f'{{"id":"k{number:09d}","imp_id":"i{last:09d}",{head}}}'
    return text.encode()


async def reference(settings: Settings) -> None:
    """Topics, catalogue and campaigns."""
    async with admin(settings) as client:
        existing = set(await client.list_topics())
        wanted = [spec for spec in (*ALL, changelog_of(settings, "profiles")) if spec.name not in existing]
        await client.create_topics([NewTopic(s.name, s.partitions or PARTITIONS, 1, topic_configs=wanted_config(s)) for s in wanted])
    producer = AIOKafkaProducer(bootstrap_servers=settings.broker, max_request_size=4 << 20)
    await producer.start()
    for record in artifacts.records_of(catalogue(items(480))):
        await producer.send(ARTIFACT.name, encode(record), artifacts.key_of(record).encode())
    for i in range(CAMPAIGNS):
        campaign = Campaign(campaign_id=f"c{i}", version=1, status="active", advertiser=Advertiser("Bench"))
        await producer.send(CAMPAIGN.name, encode(campaign), campaign.campaign_id.encode())
    await producer.stop()


async def preload(settings: Settings, n: int, users: int) -> np.ndarray[Any, Any]:
    """Write the events; (impressions, clicks) per user, shape (users, 2)."""
    rng = np.random.default_rng(11)
    mass = 1.0 / np.arange(1, users + 1)
    who = rng.permutation(users)[np.searchsorted(np.cumsum(mass / mass.sum()), rng.random(n)).clip(0, users - 1)]
    what, click = rng.integers(0, 480, n), rng.random(n) < CLICK_SHARE
    sent, last = np.zeros((users, 2), np.int64), np.full(users, -1, np.int64)
    producer = AIOKafkaProducer(bootstrap_servers=settings.broker, acks=1, max_batch_size=1 << 20, max_request_size=4 << 20)
    await producer.start()
    began = time.time_ns() // 1_000_000 - n
    builders: dict[tuple[str, int], Any] = {}
    homes = [partition(f"u{user:08d}".encode(), PARTITIONS) for user in range(users)]
    for number, (user, item, is_click) in enumerate(zip(who.tolist(), what.tolist(), click.tolist(), strict=True)):
        touched = is_click and last[user] >= 0
        name = f"u{user:08d}"
        value = event_json(number, began + number, name, item, int(last[user]) if touched else None)
        last[user] = last[user] if touched else number
        sent[user, int(touched)] += 1
        place = (CLICK.name if touched else IMPRESSION.name, homes[user])
        builder = builders.setdefault(place, producer.create_batch())
        if builder.append(timestamp=None, key=name.encode(), value=value) is None:
            await producer.send_batch(builder, place[0], partition=place[1])
            builders[place] = producer.create_batch()
            builders[place].append(timestamp=None, key=name.encode(), value=value)
    for (topic, where), builder in builders.items():
        await producer.send_batch(builder, topic, partition=where)
    await producer.stop()
    return sent


async def remaining(consumer: AIOKafkaConsumer) -> int:
    """Events that the group has not committed."""
    tps = [TopicPartition(topic, p) for topic in (IMPRESSION.name, CLICK.name) for p in range(PARTITIONS)]
    ends = await consumer.end_offsets(tps)
    committed = [await consumer.committed(tp) or 0 for tp in tps]
    return int(sum(ends.values()) - sum(committed))


def verdict(worker: Worker, sent: np.ndarray[Any, Any]) -> dict[str, int]:
    """Events missing and too many, in the users' rows and in the counters."""
    found, counted = np.zeros_like(sent), np.zeros(2, np.int64)
    for lane in range(PARTITIONS):
        db = open_rows(next(worker.data_dir.rglob(f"rows-{lane}.db")))
        store = LaneStore(db)
        for key, value in store.scan(b"p", b""):
            row = np.frombuffer(value, PROFILE)[0]
            found[int(key[2:])] = row["n_imp"], row["n_click"]
        for key, value in store.scan(b"a", b""):
            if Window.of_key(key).size_s == 86_400:
                counts = Counters.of_bytes(payload(value)).row["counts"]
                counted += counts[[FIELDS.index("impressions"), FIELDS.index("clicks")]]
        db.close()
    gap = sent.sum(axis=0) - counted
    return {
        "full_agent_missing": int((sent - found).clip(0).sum() + gap.clip(0).sum()),
        "full_agent_extra": int((found - sent).clip(0).sum() + (-gap).clip(0).sum()),
    }


async def run_full_agent(address: str, n: int, users: int = 100_000) -> dict[str, Any]:
    """One run on a broker whose topics are still empty; `full_agent_events_per_cpu_s` None when it was not exact."""
    prefix = f"full-{os.getpid()}"
    settings = Settings(broker=address, app_prefix=prefix, partitions=PARTITIONS)
    await reference(settings)
    sent = await preload(settings, n, users)
    env = {"KAFKA_BROKER": address, "SHIFTCAST_APP_PREFIX": prefix, "SHIFTCAST_CONSENT_DEFAULT": "true", "SHIFTCAST_INSTANCE_ID": "bench"}
    watcher = AIOKafkaConsumer(bootstrap_servers=address, group_id=settings.app_id("profiles"), enable_auto_commit=False)
    await watcher.start()
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker("agents.update_profiles", env, Path(folder) / "state", cpu=0).start()
        try:
            await asyncio.to_thread(worker.wait_for, lambda: "Seek stream partitions" in worker.said(), 180.0, "is not assigned")
            cpu, began = cpu_s(worker.pid), time.monotonic()
            while await remaining(watcher):
                await asyncio.sleep(0.1)
                assert worker.alive() and time.monotonic() - began < 600, worker.said()[-3000:]
            used, wall_s = cpu_s(worker.pid) - cpu, time.monotonic() - began
            assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
            result: dict[str, Any] = verdict(worker, sent)
        finally:
            worker.kill()
            await watcher.stop()
    exact = not any(result.values())
    return {"full_agent_events_per_cpu_s": round(n / used) if exact else None, "full_agent_wall_s": round(wall_s, 1), **result}


if __name__ == "__main__":
    print(msgspec.json.encode(asyncio.run(run_full_agent(os.environ["KAFKA_BROKER"], int(os.environ.get("EVENTS", "300000"))))).decode())
