"""The collector under load: how long answers take at a fixed rate of tracker calls, what a call costs, and
whether every one that was answered is on its topic.

`python -m tests.bench.edge.bench_collect [requests_per_s] [seconds]`. A broker, the collector on one core and
an open-loop client on another (tests/bench/edge/load.py) run on this machine, twice: answers that wait for
nothing but the system, and answers that wait for the disk.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from models.beacon.address import PATH
from streams.broker.admin import create
from streams.broker.read_once import read_topics
from streams.local_broker.server import Broker
from streams.settings import Settings
from streams.topics import BEHAVIOR, CLICK, IMPRESSION
from tests.agents.collecting.beacons import TARGET, sealed, showing
from tests.bench.edge.load import drive, told
from tests.bench.measuring import cpu_s, memory_mib
from tests.collector_server import CollectorServer

PER_S: Final = 2_000
SECONDS: Final = 20.0
USERS: Final = 100_000
UNTIL_S: Final = 4_000_000_000
MIX: Final = ((2, ""),) * 12 + ((3, ""),) * 6 + ((501, ""),) + ((0, TARGET),)
"""Of twenty calls: impressions, views, a clip, a click."""
PATIENCE_S: Final = 60.0
SYNCED: Final = "synced"


def calls(tag: str) -> Iterator[bytes]:
    """Each of a showing of its own, with what a browser sends along."""
    number = 0
    while True:
        number += 1
        event, target = MIX[number % len(MIX)]
        path = sealed(event=event, target=target, user=f"{number % USERS:016x}", until_s=UNTIL_S)
        yield (
            f"GET {PATH}{path}?s={showing(f'{tag}{number}')}&a=${{AUCTION_ID}}&gdpr=0 HTTP/1.1\r\n"
            "Host: collect.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n"
            "Accept: image/avif,image/webp,*/*;q=0.8\r\nAccept-Language: en\r\n"
            "Referer: https://news.example/\r\n\r\n"
        ).encode()


async def written(settings: Settings) -> int:
    """Different events on the topics: a showing and its view share an id."""
    found = set[tuple[str, Any]]()
    for spec in (IMPRESSION, CLICK, BEHAVIOR):
        async for record in read_topics(settings, [spec.name]):
            found.add((orjson.loads(record.value or b"")["id"], spec.name))
    return len(found)


def measured(settings: Settings, folder: Path, per_s: int, seconds: float, before: int) -> dict[str, Any]:
    """The collector of that folder from start to stop; `before`: events that are there already; `lost`:
    answered calls whose event is on no topic."""
    synced = folder.name == SYNCED
    cores = sorted(os.sched_getaffinity(0))
    server = CollectorServer(
        settings, folder, folder.with_suffix(".log"), cores[-1], SHIFTCAST_COLLECT_SYNCED=str(synced).lower()
    )
    try:
        os.sched_setaffinity(0, {cores[0]})
        name = folder.name
        warm = asyncio.run(drive(server.port, calls(f"{name}-warm-"), per_s, 2.0))
        at_first = cpu_s(server.process.pid)
        load = asyncio.run(drive(server.port, calls(f"{name}-"), per_s, seconds))
        figures: dict[str, Any] = told(name, load, cpu_s(server.process.pid) - at_first)
        deadline = time.monotonic() + PATIENCE_S
        while server.metric("shiftcast_collect_waiting") and time.monotonic() < deadline:
            time.sleep(0.2)
        within, all_calls = (
            server.metric(f"shiftcast_collect_seconds_{part}") for part in ('bucket{le="0.005"}', "count")
        )
        figures["within_5_ms"] = round(within / all_calls, 4)  # by the collector's own clock
        figures["resident_mib"] = round(memory_mib(server.process.pid, "VmRSS"))
        server.stop()
    finally:
        server.kill()
        os.sched_setaffinity(0, set(cores))
    kept = sum(each.statuses[status] for each in (warm, load) for status in (200, 302))
    figures["refused"] = sum(load.statuses.values()) - load.statuses[200] - load.statuses[302]
    figures["written"] = asyncio.run(written(settings)) - before
    figures["lost"] = kept - figures["written"]
    return figures


def main() -> None:
    given = sys.argv[1:]
    per_s = int(given[0]) if given else PER_S
    seconds = float(given[1]) if len(given) > 1 else SECONDS
    with tempfile.TemporaryDirectory(prefix="bench-collect-") as folder:
        broker = Broker(Path(folder) / "broker")
        address = broker.start().address
        assert address is not None
        settings = Settings(broker=address)
        try:
            asyncio.run(create(settings))
            found = measured(settings, Path(folder) / "answered", per_s, seconds, 0)
            synced = measured(settings, Path(folder) / SYNCED, per_s, seconds, found["written"])
        finally:
            broker.stop()
            broker.wipe()
    print(json.dumps({**found, SYNCED: synced}))


if __name__ == "__main__":
    main()
