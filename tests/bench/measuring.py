"""CPU, memory and disk of a worker on a real broker: until everything is committed, and while it restores its
rows."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.broker.admin import wanted_config
from streams.broker.clients import admin
from streams.settings import Settings
from streams.worker.app import changelog_of
from tests.workers import Worker

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
COMPACTION_S = 60.0
COMPACT_AT_ONCE = {
    "min.compaction.lag.ms": "0", "max.compaction.lag.ms": "1", "min.cleanable.dirty.ratio": "0.01",
    "segment.ms": "100",
}  # fmt: skip
ROLL_KEY = b"l roll"
"""A key without a row: its tombstone makes the log begin a new segment, so that the one before can be
compacted."""


@dataclass(frozen=True)
class App:
    """One app under measurement."""

    settings: Settings
    name: str
    topics: Sequence[str]

    def places(self) -> list[TopicPartition]:
        return [TopicPartition(topic, p) for topic in self.topics for p in range(self.settings.partitions)]

    @property
    def changelog(self) -> str:
        return changelog_of(self.settings, self.name).name


def cpu_s(pid: int) -> float:
    """User and system seconds of a process, all threads."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) * TICK_S


def memory_mib(pid: int, what: str) -> float:
    """VmRSS (now) or VmHWM (peak) of a process."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith(what)).split()[1]) / 1024


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@asynccontextmanager
async def consumer(app: App, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that commits nothing."""
    made = AIOKafkaConsumer(
        bootstrap_servers=app.settings.broker,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def remaining(app: App, watcher: AIOKafkaConsumer) -> int:
    """Records that the group has not committed."""
    ends = await watcher.end_offsets(app.places())
    committed = [await watcher.committed(tp) or 0 for tp in app.places()]
    return int(sum(ends[tp] - at for tp, at in zip(app.places(), committed, strict=True)))


async def catch_up(app: App, worker: Worker) -> dict[str, float]:
    """Start the worker, wait until everything is committed, stop it with SIGTERM: what that took from its
    assignment on."""
    async with consumer(app, app.settings.app_id(app.name)) as watcher:
        worker.start()
        await asyncio.to_thread(
            worker.wait_for, lambda: "Seek stream partitions" in worker.said(), 120.0, "is not assigned"
        )
        cpu, began = cpu_s(worker.pid), time.monotonic()
        while await remaining(app, watcher):
            await asyncio.sleep(0.1)
            assert worker.alive(), worker.said()[-3000:]
            assert time.monotonic() - began < 600, worker.said()[-3000:]
        result = {"cpu_s": cpu_s(worker.pid) - cpu, "wall_s": time.monotonic() - began}
        result |= {
            "memory_mib": memory_mib(worker.pid, "VmRSS"),
            "peak_memory_mib": memory_mib(worker.pid, "VmHWM"),
        }
    assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
    return result


async def restore(app: App, worker: Worker) -> float:
    """CPU seconds of the worker from the start to the end of reading its changelog to an empty disk."""
    shutil.rmtree(worker.data_dir)
    worker.start()
    await asyncio.to_thread(
        worker.wait_for, lambda: "Restoring state" in worker.said(), 120.0, "does not restore"
    )
    os.kill(worker.pid, signal.SIGSTOP)
    cpu = cpu_s(worker.pid)
    os.kill(worker.pid, signal.SIGCONT)
    await asyncio.to_thread(
        worker.wait_for, lambda: "Restore complete" in worker.said(), 300.0, "is not restored"
    )
    used = cpu_s(worker.pid) - cpu
    await asyncio.to_thread(worker.terminate)
    return used


async def changelog_size(app: App) -> tuple[int, int]:
    """(records, keys) that the changelog holds."""
    keys: set[bytes] = set()
    records = 0
    async with consumer(app) as reader:
        places = [TopicPartition(app.changelog, p) for p in range(app.settings.partitions)]
        reader.assign(places)
        ends = await reader.end_offsets(places)
        for tp in places:
            while await reader.position(tp) < ends[tp]:
                found = (await reader.getmany(tp, timeout_ms=500)).get(tp, [])
                records += len(found)
                keys.update(record.key for record in found)
    return records, len(keys)


async def compact(app: App) -> tuple[int, int]:
    """Have the broker compact the changelog at once; (records, keys) when it is done or the time is up."""
    config = {**wanted_config(changelog_of(app.settings, app.name)), **COMPACT_AT_ONCE}
    async with admin(app.settings) as client:
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, app.changelog, config)])
    producer = AIOKafkaProducer(bootstrap_servers=app.settings.broker)
    await producer.start()
    for round_ in range(2):  # the first closes the segment with the rows, the second one with the first
        await asyncio.sleep(0.5 * round_)
        for p in range(app.settings.partitions):
            await producer.send_and_wait(app.changelog, None, ROLL_KEY, partition=p)
    await producer.stop()
    deadline = time.monotonic() + COMPACTION_S
    records, keys = await changelog_size(app)
    while records > 1.02 * keys + 2 * app.settings.partitions and time.monotonic() < deadline:
        await asyncio.sleep(2)
        records, keys = await changelog_size(app)
    return records, keys


async def restores(app: App, worker: Worker) -> dict[str, Any]:
    """Keys and records per CPU second of a restore, of the changelog as it was written and compacted."""
    records, keys = await changelog_size(app)
    cpu = await restore(app, worker)
    result: dict[str, Any] = {
        "changelog_records": records,
        "restore_uncompacted_records_per_cpu_s": records / cpu,
    }
    result["restore_uncompacted_keys_per_cpu_s"] = keys / cpu
    records, keys = await compact(app)
    result["restore_keys_per_cpu_s"] = keys / await restore(app, worker)
    return result | {"compacted_records_per_key": records / keys}
