"""`make bench-profile`: W2 on a real broker of its own: events per CPU second of a worker, exact against an
oracle, and its restore.

Two workloads: like for like (600-byte rows, one update rule, through this project's batch path) and the whole
profile agent. CPU is what /proc says of the worker process, all threads, from the moment it seeks its sources
(imports done, kernels compiled, assignment recovered) to the commit of the last event. The broker is not
counted. A run with missing or extra events has no figure. The worker is bound to one core, broker and driver
to the others.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic
from rich.console import Console
from rich.table import Table

from streams.broker.admin import create, wanted_config
from streams.broker.clients import admin
from streams.local_broker.server import Broker
from streams.rows.rows_on_disk import LaneStore, open_rows
from streams.rows.sparse_rows import unpacked_bytes
from streams.settings import Settings
from streams.wire.partition import partition
from streams.worker.app import changelog_of
from tests.bench.measuring import App, catch_up, folder_bytes, restores
from tests.bench.stream import full_agent
from tests.bench.stream.w2 import DECODER, ITEMS, ROW, event_json, topics
from tests.workers import Worker

PARTITIONS = 4
WORKER_CPU = 0
START_MS = 1_790_000_000_000
GOALS = {"like for like": 0.50, "whole agent": 0.20}
"""Shares of the raw client of the same run that are aimed at."""
Result = dict[str, Any]


def draw(
    n: int, users: int, uniform: bool
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(user, item, click) of every event: Zipf 1.0 or uniform users, 20 % clicks."""
    rng = np.random.default_rng(11)
    if uniform:
        who = rng.integers(0, users, n)
    else:
        mass = 1.0 / np.arange(1, users + 1)
        who = rng.permutation(users)[
            np.searchsorted(np.cumsum(mass / mass.sum()), rng.random(n)).clip(0, users - 1)
        ]
    return who, rng.integers(0, ITEMS, n), rng.random(n) < 0.2


def events(prefix: str, who: Any, item: Any, click: Any) -> Iterator[full_agent.Sent]:
    """W2's events as records."""
    specs = topics(prefix)
    home = [partition(b"u%08d" % user, PARTITIONS) for user in range(int(who.max()) + 1)]
    for number, (user, what, is_click) in enumerate(
        zip(who.tolist(), item.tolist(), click.tolist(), strict=True)
    ):
        value = event_json(number, START_MS + number, user, what, is_click)
        yield specs[int(is_click)], home[user], b"u%08d" % user, value


async def preload(settings: Settings, prefix: str, who: Any, item: Any, click: Any) -> None:
    """Create the topics and store the events."""
    specs = [*topics(prefix), changelog_of(settings, "w2")]
    async with admin(settings) as client:
        await client.create_topics(
            [NewTopic(s.name, PARTITIONS, 1, topic_configs=wanted_config(s)) for s in specs]
        )
    await full_agent.send(settings, events(prefix, who, item, click))


def oracle(who: Any, item: Any, click: Any, users: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(events, ordered checksum) per user and topic, each of shape (users, 2)."""
    seen, checksum = np.zeros((users, 2), np.int64), np.zeros((users, 2), np.uint64)
    order = np.lexsort((np.arange(len(who)), click, who))
    mask = (1 << 64) - 1
    run: dict[tuple[int, int], list[int]] = {}
    for user, is_click, what in zip(
        who[order].tolist(), click[order].tolist(), item[order].tolist(), strict=True
    ):
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
            row, user = np.frombuffer(unpacked_bytes(value), ROW)[0], int(key[2:])
            rows += 1
            found[user] = row["seen"]
            wrong += int((row["checksum"] != checksum[user]).any())
        db.close()
    missing, extra = int((seen - found).clip(0).sum()), int((found - seen).clip(0).sum())
    return {"missing": missing, "extra": extra, "wrong_order": wrong, "users_kept": rows}


async def raw_client(settings: Settings, prefix: str, n: int) -> float:
    """Events per CPU second of aiokafka getmany + msgspec and nothing else, in this process."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.broker, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign([TopicPartition(spec.name, p) for spec in topics(prefix) for p in range(PARTITIONS)])
    left, before = n, time.process_time()
    while left > 0:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            left -= len([DECODER.decode(record.value) for record in records])
    used = time.process_time() - before
    await consumer.stop()
    return n / used


async def like_for_like(address: str, folder: Path, n: int, users: int, uniform: bool) -> Result:
    """W2: preload, catch up, compare, restore twice, and the raw client over the same topics."""
    prefix = f"w2-{os.getpid()}-{users}"
    settings = Settings(broker=address, app_prefix=prefix, partitions=PARTITIONS)
    app = App(settings, "w2", [spec.name for spec in topics(prefix)])
    who, item, click = draw(n, users, uniform)
    await preload(settings, prefix, who, item, click)
    env = {
        "KAFKA_BROKER": address,
        "W2_PREFIX": prefix,
        "SHIFTCAST_APP_PREFIX": prefix,
        "SHIFTCAST_INSTANCE_ID": "bench",
    }
    worker = Worker("tests.bench.stream.w2", env, folder / prefix, cpu=WORKER_CPU)
    try:
        result: Result = {"events": n, "users": users, **await catch_up(app, worker)}
        result |= verdict(worker, *oracle(who, item, click, users))
        result["disk_bytes_per_user"] = folder_bytes(worker.data_dir) / result["users_kept"]
        result |= await restores(app, worker)
        result["raw_client_events_per_cpu_s"] = await raw_client(settings, prefix, n)
    finally:
        worker.kill()
    return judged(result)


async def whole_agent(address: str, folder: Path, n: int, users: int) -> Result:
    """The real worker: users consent and creatives are published first, then it catches up with the
    events."""
    settings = Settings(broker=address, partitions=PARTITIONS)
    app = App(settings, full_agent.APP, full_agent.SOURCES)
    now_ms = int(time.time() * 1000)
    stream = full_agent.Stream.drawn(draw(n, users, False)[0], users, now_ms - n * full_agent.APART_MS)
    await full_agent.send(settings, full_agent.furniture(PARTITIONS, users, now_ms))
    env = {"KAFKA_BROKER": address, "SHIFTCAST_PARTITIONS": str(PARTITIONS), "SHIFTCAST_INSTANCE_ID": "bench"}
    worker = Worker("agents.update_profiles", env, folder / "agent", cpu=WORKER_CPU)
    try:
        await catch_up(app, worker)
        await full_agent.send(settings, full_agent.events(stream, PARTITIONS))
        result: Result = {"events": n, "users": users, **await catch_up(app, worker)}
        result |= full_agent.verdict(worker, stream, users, PARTITIONS)
        result["disk_bytes_per_user"] = folder_bytes(worker.data_dir) / users
    finally:
        worker.kill()
    return judged(result)


def judged(result: Result) -> Result:
    """With its figures, or without them when an event is missing, too many, or out of order."""
    exact = not (result["missing"] or result["extra"] or result.get("wrong_order"))
    result["events_per_cpu_s"] = result["events"] / result["cpu_s"] if exact else None
    if "changelog_records" in result:
        result["changelog_records_per_event"] = result["changelog_records"] / result["events"]
    return result


def show(results: dict[str, Result]) -> None:
    """The table."""
    table = Table(
        title=f"W2 on a real broker: full durability order, one worker process; load {os.getloadavg()[0]:.1f}"
    )
    table.add_column("")
    for name in results:
        table.add_column(name, justify="right")
    for key in dict.fromkeys(key for result in results.values() for key in result):
        table.add_row(key, *(shown(result.get(key)) for result in results.values()))
    console = Console()
    console.print(table)
    console.print(
        "restore_keys_per_cpu_s: of the compacted changelog; the uncompacted one holds several records of a "
        "key"
    )
    raw = results["like for like"]["raw_client_events_per_cpu_s"]
    for name, goal in GOALS.items():
        console.print(f"{name}: {shown(share(results[name], raw))} of the raw client (goal {goal:.2f})")


def shown(value: float | None) -> str:
    """A figure, or a dash."""
    if value is None:
        return "-"
    return f"{value:,.2f}" if isinstance(value, float) and value < 1000 else f"{value:,.0f}"


def summary(results: dict[str, Result]) -> Result:
    """The line at the end."""
    head, agent = results["like for like"], results["whole agent"]
    names = (
        "events_per_cpu_s", "restore_keys_per_cpu_s", "restore_uncompacted_keys_per_cpu_s",
        "restore_uncompacted_records_per_cpu_s",
        "changelog_records_per_event", "memory_mib", "peak_memory_mib", "disk_bytes_per_user",
        "raw_client_events_per_cpu_s",
    )  # fmt: skip
    line: Result = {
        "events_per_cpu_s": head["events_per_cpu_s"],
        "full_agent_events_per_cpu_s": agent["events_per_cpu_s"],
    }
    raw = head["raw_client_events_per_cpu_s"]
    line["like_for_like_share"], line["full_agent_share"] = (share(each, raw) for each in (head, agent))
    line |= {key: sum(result[key] for result in results.values()) for key in ("missing", "extra")}
    line |= {name: head[name] for name in names}
    line["full_agent"] = {
        key: agent[key]
        for key in ("users", "memory_mib", "peak_memory_mib", "disk_bytes_per_user", "joined_clicks_share")
    }
    if "1M uniform" in results:
        line["uniform_1m"] = {name: results["1M uniform"][name] for name in (*names, "missing", "extra")}
    return rounded(line)


def share(result: Result, raw_events_per_cpu_s: float) -> float | None:
    """Of what the raw client does per CPU second in the same run: machines differ, this carries over."""
    return result["events_per_cpu_s"] / raw_events_per_cpu_s if result["events_per_cpu_s"] else None


def rounded(line: Result) -> Result:
    """Three decimals below 10, none above."""
    return {key: rounded(value) if isinstance(value, dict) else _round(value) for key, value in line.items()}


def _round(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return round(value, 3) if value < 10 else round(value)


def main() -> None:
    """Run and print; the last line of standard output is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer events, no million users")
    parser.add_argument("--events", type=int, default=2_000_000)
    arguments = parser.parse_args()
    n, agent_n, users = (
        (200_000, 100_000, 20_000) if arguments.short else (arguments.events, arguments.events // 2, 100_000)
    )
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores - {WORKER_CPU} or cores)
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder) / "broker")
        address = broker.start().address
        assert address is not None
        asyncio.run(create(Settings(broker=address, partitions=PARTITIONS)))
        try:
            results = {"like for like": asyncio.run(like_for_like(address, Path(folder), n, users, False))}
            results["whole agent"] = asyncio.run(whole_agent(address, Path(folder), agent_n, users))
            if not arguments.short:
                results["1M uniform"] = asyncio.run(like_for_like(address, Path(folder), n, 1_000_000, True))
        finally:
            broker.stop()
    show(results)
    print(msgspec.json.encode(summary(results)).decode())


if __name__ == "__main__":
    main()
