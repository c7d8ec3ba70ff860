"""`make bench-profile`: W2 on a real broker. Events per CPU second of a worker process, exact against an oracle, and its restore.

CPU is what /proc says of the worker process, all threads, from the moment it is ready (imports and kernels compiled, assignment
recovered, no event on the topics' partitions consumed: it is stopped there) to the commit of the last event. The broker is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic
from rich.console import Console
from rich.table import Table

from streams.admin import wanted_config
from streams.app import changelog_of
from streams.broker import Broker
from streams.kafka import admin
from streams.partition import partition
from streams.settings import Settings
from streams.store import LaneStore, open_rows
from streams.topics import DEAD
from tests.bench.full_agent import run_full_agent
from tests.bench.w2 import ITEMS, ROW, event_json, topics
from tests.workers import Worker

PARTITIONS = 4
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """User and system seconds of a process, all threads."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) * TICK_S


def peak_mib(pid: int) -> float:
    """Peak resident memory."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def draw(n: int, users: int, uniform: bool) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(user, item, click) of every event: Zipf 1.0 or uniform users, 20 % clicks."""
    rng = np.random.default_rng(11)
    if uniform:
        who = rng.integers(0, users, n)
    else:
        mass = 1.0 / np.arange(1, users + 1)
        who = rng.permutation(users)[np.searchsorted(np.cumsum(mass / mass.sum()), rng.random(n)).clip(0, users - 1)]
    return who, rng.integers(0, ITEMS, n), rng.random(n) < 0.2


async def preload(settings: Settings, prefix: str, who: Any, item: Any, click: Any) -> dict[str, int]:
    """Create the topics and write the events; bytes written."""
    names = [spec.name for spec in topics(prefix)]
    async with admin(settings) as client:
        specs = [*topics(prefix), changelog_of(settings, "w2")]
        existing = set(await client.list_topics())
        wanted = [*specs, *([] if DEAD.name in existing else [DEAD])]
        await client.create_topics([NewTopic(s.name, PARTITIONS, 1, topic_configs=wanted_config(s)) for s in wanted])
    producer = AIOKafkaProducer(bootstrap_servers=settings.broker, acks=1, linger_ms=20, max_batch_size=1 << 20, max_request_size=4 << 20)
    await producer.start()
    home = [partition(b"u%08d" % user, PARTITIONS) for user in range(int(who.max()) + 1)]
    size, ts = 0, 1_790_000_000_000
    builders: dict[tuple[int, int], Any] = {}
    for number, (user, what, is_click) in enumerate(zip(who.tolist(), item.tolist(), click.tolist(), strict=True)):
        place = (int(is_click), home[user])
        value, key = event_json(number, ts + number, user, what, is_click), b"u%08d" % user
        size += len(value)
        builder = builders.get(place) or builders.setdefault(place, producer.create_batch())
        if builder.append(timestamp=None, key=key, value=value) is None:
            await producer.send_batch(builder, names[place[0]], partition=place[1])
            builders[place] = producer.create_batch()
            builders[place].append(timestamp=None, key=key, value=value)
    for (topic, where), builder in builders.items():
        await producer.send_batch(builder, names[topic], partition=where)
    await producer.stop()
    return {"bytes": size}


async def remaining(settings: Settings, prefix: str, consumer: AIOKafkaConsumer) -> int:
    """Events that the group has not committed."""
    tps = [TopicPartition(spec.name, p) for spec in topics(prefix) for p in range(PARTITIONS)]
    ends = await consumer.end_offsets(tps)
    committed = [await consumer.committed(tp) or 0 for tp in tps]
    return int(sum(ends[tp] - at for tp, at in zip(tps, committed, strict=True)))


async def measure(settings: Settings, worker: Worker, prefix: str, n: int) -> dict[str, float]:
    """Start the worker, wait until everything is committed, stop it with SIGTERM."""
    watcher = AIOKafkaConsumer(bootstrap_servers=settings.broker, group_id=settings.app_id("w2"), enable_auto_commit=False)
    await watcher.start()
    worker.start()
    await asyncio.to_thread(worker.wait_for, lambda: "Seek stream partitions" in worker.said(), 60.0, "is not assigned")
    cpu, began = cpu_s(worker.pid), time.monotonic()
    while await remaining(settings, prefix, watcher):
        await asyncio.sleep(0.1)
        assert worker.alive(), worker.said()[-3000:]
        assert time.monotonic() - began < 600, worker.said()[-3000:]
    result = {"cpu_s": cpu_s(worker.pid) - cpu, "wall_s": time.monotonic() - began, "peak_mib": peak_mib(worker.pid)}
    await watcher.stop()
    assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
    return result | {"events_per_cpu_s": n / result["cpu_s"]}


async def restore(settings: Settings, worker: Worker) -> dict[str, float]:
    """Wipe the state, start, wait until recovered: keys per CPU second between the start and the end of the reading."""
    shutil.rmtree(worker.data_dir)
    worker.start()
    await asyncio.to_thread(worker.wait_for, lambda: "Restoring state" in worker.said(), 60.0, "does not restore")
    os.kill(worker.pid, signal.SIGSTOP)
    cpu = cpu_s(worker.pid)
    os.kill(worker.pid, signal.SIGCONT)
    began = time.monotonic()
    await asyncio.to_thread(worker.wait_for, lambda: "Restore complete" in worker.said(), 300.0, "is not restored")
    result = {"restore_cpu_s": cpu_s(worker.pid) - cpu, "restore_wall_s": time.monotonic() - began}
    await asyncio.to_thread(worker.terminate)
    return result


def oracle(who: Any, item: Any, click: Any, users: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(events, ordered checksum) per user and topic, each of shape (users, 2)."""
    seen, checksum = np.zeros((users, 2), np.int64), np.zeros((users, 2), np.uint64)
    order = np.lexsort((np.arange(len(who)), click, who))
    mask = (1 << 64) - 1
    run: dict[tuple[int, int], list[int]] = {}
    for user, is_click, what in zip(who[order].tolist(), click[order].tolist(), item[order].tolist(), strict=True):
        cell = run.setdefault((user, int(is_click)), [0, 0])
        cell[0] += 1
        cell[1] = (cell[1] * 31 + what + 1) & mask
    for (user, slot), (count, total) in run.items():
        seen[user, slot], checksum[user, slot] = count, total
    return seen, checksum


def verdict(worker: Worker, seen: Any, checksum: Any) -> dict[str, int]:
    """Every row against the oracle: events missing, events too many, rows whose order differs; rows kept."""
    missing = extra = wrong = rows = 0
    found = np.zeros_like(seen)
    for lane in range(PARTITIONS):
        db = open_rows(next(worker.data_dir.rglob(f"rows-{lane}.db")))
        for key, value in LaneStore(db).scan(b"p", b""):
            row, user = np.frombuffer(value, ROW)[0], int(key[2:])
            rows += 1
            found[user] = row["seen"]
            wrong += int((row["checksum"] != checksum[user]).any())
        db.close()
    missing, extra = int((seen - found).clip(0).sum()), int((found - seen).clip(0).sum())
    return {"missing": missing, "extra": extra, "wrong_order": wrong, "keys": rows}


async def changelog_records(settings: Settings) -> int:
    """Records in the changelog."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.broker)
    await consumer.start()
    ends = await consumer.end_offsets([TopicPartition(changelog_of(settings, "w2").name, p) for p in range(PARTITIONS)])
    await consumer.stop()
    return int(sum(ends.values()))


async def raw_client(settings: Settings, prefix: str, n: int) -> float:
    """Events per CPU second of aiokafka getmany + msgspec and nothing else, in this process."""
    from tests.bench.w2 import DECODER

    consumer = AIOKafkaConsumer(bootstrap_servers=settings.broker, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    consumer.assign([TopicPartition(spec.name, p) for spec in topics(prefix) for p in range(PARTITIONS)])
    left, before = n, time.process_time()
    while left > 0:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            left -= len([DECODER.decode(record.value) for record in records])
    used = time.process_time() - before
    await consumer.stop()
    return n / used


async def run(address: str, n: int, users: int, uniform: bool, batch_records: int) -> dict[str, Any]:
    """One whole W2."""
    prefix = f"w2-{os.getpid()}-{users}"
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(broker=address, app_prefix=prefix, partitions=PARTITIONS)
        who, item, click = draw(n, users, uniform)
        size = (await preload(settings, prefix, who, item, click))["bytes"]
        env = {"KAFKA_BROKER": address, "W2_PREFIX": prefix, "SHIFTCAST_APP_PREFIX": prefix, "SHIFTCAST_BATCH_RECORDS": str(batch_records)}
        worker = Worker("tests.bench.w2", env | {"SHIFTCAST_INSTANCE_ID": "bench"}, Path(folder) / "state", cpu=0)
        try:
            result: dict[str, Any] = {"events": n, "users": users, "event_bytes": size / n, **await measure(settings, worker, prefix, n)}
            result |= verdict(worker, *oracle(who, item, click, users))
            result["changelog_per_event"] = await changelog_records(settings) / n
            result |= await restore(settings, worker)
            result["restore_records_per_cpu_s"] = result["changelog_per_event"] * n / result["restore_cpu_s"]
            result["restore_keys_per_cpu_s"] = result["keys"] / result["restore_cpu_s"]
            result["raw_client_per_cpu_s"] = await raw_client(settings, prefix, n)
        finally:
            worker.kill()
    return result


def show(results: dict[str, dict[str, Any]]) -> None:
    """The table."""
    table = Table(title="W2 on a real broker: full durability order, one worker process")
    table.add_column("")
    for name in results:
        table.add_column(name, justify="right")
    for key in next(iter(results.values())):
        table.add_row(
            key,
            *(
                f"{result[key]:,.2f}"
                if isinstance(result[key], float)
                else f"{result[key] if result[key] is None else format(result[key], ',')}"
                for result in results.values()
            ),
        )
    Console().print(table)


def main() -> None:
    """Run and print; the last line of standard output is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="300,000 events, no million users")
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--batch-records", type=int, default=500)
    arguments = parser.parse_args()
    n = 300_000 if arguments.short else arguments.events
    with tempfile.TemporaryDirectory() as folder:
        named = os.environ.get("KAFKA_BROKER")
        broker = None if named else Broker(Path(folder) / "broker")
        address = named or (broker.start().address if broker else None)
        assert address is not None
        try:
            results = {"100k users, Zipf 1.0": asyncio.run(run(address, n, 100_000, False, arguments.batch_records))}
            if not arguments.short:
                results["1M users, uniform"] = asyncio.run(run(address, n, 1_000_000, True, arguments.batch_records))
            full = asyncio.run(run_full_agent(address, n))
        finally:
            if broker is not None:
                broker.stop()
    show(results)
    show({"full agent: rows p and x, joins, detector": full})
    exact = all(not result["missing"] and not result["extra"] and not result["wrong_order"] for result in results.values())
    head = next(iter(results.values()))
    summary = {"events_per_cpu_s": round(head["events_per_cpu_s"]) if exact else None}
    summary |= {key: sum(result[key] for result in results.values()) for key in ("missing", "extra")}
    summary |= {
        "restore_keys_per_cpu_s": round(head["restore_keys_per_cpu_s"]),
        "changelog_per_event": round(head["changelog_per_event"], 3),
    }
    summary |= {"peak_mib": round(head["peak_mib"]), "raw_client_per_cpu_s": round(head["raw_client_per_cpu_s"])}
    summary |= full
    summary["missing"] += full["full_agent_missing"]
    summary["extra"] += full["full_agent_extra"]
    if len(results) > 1:
        summary["events_per_cpu_s_1m_uniform"] = round(results["1M users, uniform"]["events_per_cpu_s"]) if exact else None
    print(msgspec.json.encode(summary).decode() if exact else json.dumps(summary))


if __name__ == "__main__":
    main()
