"""The look-up under load: how fast it is back after a restart, what a million creatives take, how long
answers take at a fixed rate.

`python -m tests.bench.bench_serve [keys] [requests_per_s] [seconds]`. A broker, the look-up on one core and
an open-loop client on another (tests/bench/serve_load.py) run on this machine; a creative is about 1,000
bytes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from confluent_kafka import Producer

from streams import records as r
from streams.broker.admin import create
from streams.broker.local import Broker
from streams.settings import Settings
from streams.topics import CAMPAIGN, CREATIVE
from streams.wire.partition import partition
from tests.bench.measuring import cpu_s, memory_mib
from tests.bench.serve_load import Load, drive, percentile
from tests.workers import ROOT

KEYS: Final = 1_000_000
PER_S: Final = 2_000
SECONDS: Final = 20.0
TOKEN: Final = "bench"
CAMPAIGN_ID: Final = "c1"
DAY_MS: Final = 86_400_000
READY_S: Final = 300.0
ACCEPTED: Final = ("application/json", "text/html", "application/vnd.openrtb.native+json")


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


def creative(audience: str, now_ms: int) -> r.Creative:
    kind = {"u": "user", "s": "segment"}.get(audience[0], "default")
    return r.Creative(
        creative_id="cr_00112233445566aa",
        template_id="t-native",
        campaign_id=CAMPAIGN_ID,
        advertiser=r.Advertiser("Stridewell", ["shop.example"]),
        audience=r.Audience(kind, audience),
        slot="native",
        lang="en",
        version=now_ms,
        created=now_ms,
        expires=now_ms + DAY_MS,
        copy=r.CopyText(
            "Boots for wet rock", "Granite trail boots, ready for your weekend.", "Shop now", "Stridewell"
        ),
        link=r.Link("https://shop.example/p/1", "https://shop.example/"),
        audit=r.Audit(3),
        provenance=r.Provenance(
            "composite_with_trained_algorithmic_media", ai_tool=r.AiTool("copy-lm", "sha256:" + "1f0a" * 16)
        ),
        reason=r.CreativeReason("interest_shift"),
        item_id="sku-0000001",
        request_id="rq_00112233445566aa",
        assets=[r.Asset("main", "https://cdn.example/images/1.jpg", 3)],
        trackers=[r.Tracker(2, 1, "https://t.example/i?c=cr_00112233445566aa&p=${AUCTION_PRICE}")],
        cat=["footwear"],
        attr=[21],
        experiment=r.CreativeExperiment("direct|t-native", 0.25, "p1"),
    )


def fill(settings: Settings, keys: int) -> float:
    """Publish; bytes of a creative on average."""
    producer = Producer(
        {
            "bootstrap.servers": settings.broker,
            "queue.buffering.max.messages": 200_000,
            "linger.ms": 20,
            "compression.type": "lz4",
        }
    )
    now_ms, sent_bytes = unix_ms(), 0
    for audience in itertools.chain(["d"], (f"u:{user(n)}" for n in range(keys))):
        key = f"{audience}|{CAMPAIGN_ID}|native".encode()
        value = msgspec.json.encode(creative(audience, now_ms))
        sent_bytes += len(value)
        while True:
            try:
                producer.produce(CREATIVE.name, value, key, partition(key, settings.partitions))
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    campaign = r.Campaign(
        CAMPAIGN_ID, 1, "active", r.Advertiser("Stridewell", ["shop.example"]), bid=r.Bid(1.2, "EUR")
    )
    producer.produce(CAMPAIGN.name, msgspec.json.encode(campaign), CAMPAIGN_ID.encode())
    producer.flush(120)
    return sent_bytes / (keys + 1)


def user(number: int) -> str:
    return f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}"


def lookups(keys: int) -> Iterator[bytes]:
    """One in ten asks for a user who has no creative."""
    rng = random.Random(7)
    while True:
        asked = user(rng.randrange(keys)) if rng.random() < 0.9 else f"x{rng.randrange(keys)}"
        yield (
            f"GET /v1/creative?user={asked}&slot=native&campaign={CAMPAIGN_ID} HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {TOKEN}\r\nAccept: {rng.choice(ACCEPTED)}\r\n\r\n"
        ).encode()


class Server:
    """`shiftcast serve` on one core."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.log = log
        environ = {
            **os.environ,
            "KAFKA_BROKER": settings.broker,
            "SHIFTCAST_SERVE_PORT": "0",
            "SHIFTCAST_SERVE_TOKENS": TOKEN,
            "SHIFTCAST_SERVE_PER_S": "100000",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        cores = sorted(os.sched_getaffinity(0))
        command = ["taskset", "-c", str(cores[-1]), sys.executable, "-m", "agents.serve_creatives"]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=out, stderr=out)

    def wait(self) -> int:
        """Until it answers; its port."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := re.search(r"creatives: http://\S+?:(\d+)/", self.log.read_text()):
                return int(found[1])
            time.sleep(0.05)
        raise SystemExit(f"the look-up did not come up:\n{self.log.read_text()[-3000:]}")

    def restore_s(self) -> float:
        """What it says its reading of the topics took."""
        from urllib.request import urlopen

        found = re.search(r"metrics on (http://\S+?)/metrics", self.log.read_text())
        assert found
        with urlopen(f"{found[1]}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return float(re.search(r"^shiftcast_restore_seconds (\S+)$", text, re.M)[1])  # type: ignore[index]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def told(name: str, load: Load, cpu: float) -> dict[str, float]:
    """One line of the table, and its figures."""
    answered = len(load.latency_ms)
    figures = {
        "requests_per_s": round(answered / load.wall_s, 1),
        "p50_ms": round(percentile(load.latency_ms, 0.5), 2),
        "p99_ms": round(percentile(load.latency_ms, 0.99), 2),
        "client_late_p99_ms": round(percentile(load.late_ms, 0.99), 2),
        "cpu_us_per_request": round(cpu / max(1, answered) * 1e6, 1),
    }
    print(f"{name:8} " + "  ".join(f"{key} {value}" for key, value in figures.items()), dict(load.statuses))
    return figures


def main() -> None:
    keys, per_s = (int(each) for each in (sys.argv[1:3] + [str(KEYS), str(PER_S)][len(sys.argv[1:3]) :]))
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else SECONDS
    found: dict[str, Any] = {"keys": keys}
    with tempfile.TemporaryDirectory(prefix="bench-serve-") as folder:
        broker = Broker(Path(folder) / "broker")
        address = broker.start().address
        assert address is not None
        settings = Settings(broker=address)
        try:
            asyncio.run(create(settings))
            found["value_bytes"] = round(fill(settings, keys))
            print(f"{keys} creatives of {found['value_bytes']} bytes published", flush=True)
            server = Server(settings, Path(folder) / "serve.log")
            port = server.wait()
            pid = server.process.pid
            restore_s = server.restore_s()
            found["restart_s"] = round(restore_s, 2)
            found["restart_keys_per_s"] = round(keys / restore_s)
            found["restart_cpu_s"] = round(cpu_s(pid), 2)
            found["resident_mib"] = round(memory_mib(pid, "VmRSS"))
            print(
                f"read in {restore_s:.2f} s, {found['restart_keys_per_s']} keys/s, {found['restart_cpu_s']} "
                f"CPU-s; resident {found['resident_mib']} MiB",
                flush=True,
            )
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            asyncio.run(drive(port, lookups(keys), per_s, 2.0))  # warm
            before = cpu_s(pid)
            load = asyncio.run(drive(port, lookups(keys), per_s, seconds))
            found["get"] = told("GET", load, cpu_s(pid) - before)
            found["resident_mib"] = max(found["resident_mib"], round(memory_mib(pid, "VmRSS")))
            server.stop()
        finally:
            broker.stop()
            broker.wipe()
    found |= {name: found["get"][name] for name in ("p99_ms", "requests_per_s")}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
