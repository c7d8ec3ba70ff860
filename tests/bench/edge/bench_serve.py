"""The look-up under load: how fast it is back after a restart, what a million creatives take, how long
answers take at a fixed rate.

`python -m tests.bench.edge.bench_serve [keys] [requests_per_s] [seconds]`. A broker, the look-up on one core
and an open-loop client on another (tests/bench/edge/load.py) run on this machine; a creative is about 1,000
bytes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
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
from streams.local_broker.server import Broker
from streams.settings import Settings
from streams.topics import CAMPAIGN, CREATIVE
from streams.wire.partition import partition
from tests.bench.edge.load import drive, told
from tests.bench.measuring import cpu_s, memory_mib
from tests.lookup_server import TOKEN, LookupServer

KEYS: Final = 1_000_000
PER_S: Final = 2_000
SECONDS: Final = 20.0
CAMPAIGN_ID: Final = "c1"
DAY_MS: Final = 86_400_000
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


def bid_requests(keys: int) -> Iterator[bytes]:
    """A native impression each."""
    rng = random.Random(8)
    assets = [{"id": 1, "required": 1, "title": {"len": 90}}, {"id": 2, "img": {"type": 3}}]
    native = {"request": json.dumps({"ver": "1.2", "assets": assets}), "ver": "1.2"}
    while True:
        request = {
            "id": f"r{rng.randrange(1 << 40)}",
            "imp": [{"id": "1", "native": native, "bidfloor": 0.5, "bidfloorcur": "EUR"}],
            "site": {"id": "s1", "page": "https://news.example/a"},
            "device": {"devicetype": 4, "geo": {"country": "DEU", "utcoffset": 60}},
            "user": {"buyeruid": user(rng.randrange(keys))},
        }
        body = json.dumps(request).encode()
        yield (
            f"POST /v1/openrtb HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body


def withdrawn_s(settings: Settings, server: LookupServer, keys: int) -> float:
    """From sending null values until the look-up shows the next rung; the longest of ten."""
    producer = Producer({"bootstrap.servers": settings.broker, "linger.ms": 0})
    longest = 0.0
    for n in range(min(10, keys)):
        key = f"u:{user(n)}|{CAMPAIGN_ID}|native".encode()
        path = f"/v1/creative?user={user(n)}&slot=native&campaign={CAMPAIGN_ID}"
        began = time.perf_counter()
        producer.produce(CREATIVE.name, None, key, partition(key, settings.partitions))
        producer.flush(30)
        while server.ask(path).headers["X-Shiftcast-Audience"] == "user":
            pass
        longest = max(longest, time.perf_counter() - began)
    return longest


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
            cores = sorted(os.sched_getaffinity(0))
            server = LookupServer(
                settings, Path(folder) / "serve.log", cores[-1], SHIFTCAST_SERVE_PER_S="1000000"
            )
            port, pid = server.port, server.process.pid
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
            found["withdrawn_s"] = round(withdrawn_s(settings, server, keys), 3)
            print(f"a withdrawal is obeyed after {found['withdrawn_s']} s", flush=True)
            os.sched_setaffinity(0, {cores[0]})
            for name, asked, rate in (("get", lookups(keys), per_s), ("post", bid_requests(keys), per_s / 4)):
                asyncio.run(drive(port, asked, rate, 2.0))  # warm
                before = cpu_s(pid)
                load = asyncio.run(drive(port, asked, rate, seconds))
                found[name] = told(name, load, cpu_s(pid) - before)
            found["resident_mib"] = max(found["resident_mib"], round(memory_mib(pid, "VmRSS")))
            server.stop()
        finally:
            broker.stop()
            broker.wipe()
    found |= {name: found["get"][name] for name in ("p99_ms", "requests_per_s")}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
