"""A real Redis beside the topics: creatives until they expire, withdrawals, a Redis that goes and is back."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.creatives.publication import creative_output, withdraw_creative
from agents.serving.mirror import RedisMirror, mirror_changes_of
from models.revocations import Revocation
from streams.broker.admin import create
from streams.broker.producer import OutputProducer
from streams.loud_end import RefusedError
from streams.mapping.revocations import revocation_output
from streams.settings import Settings
from streams.topics import CREATIVE
from streams.wire.output import Output
from tests.agents.serving.test_answering import creative
from tests.workers import ROOT

redis = pytest.importorskip("redis", reason="the extra redis is not installed")
SERVER = shutil.which("redis-server")
needs_server = pytest.mark.skipif(
    SERVER is None, reason="redis-server is not installed (Debian: redis-server)"
)
PATIENCE_S = 120.0
KEY = "u:m1|c1|native"


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Redis:
    """A server of its own, without files."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        assert SERVER is not None
        self.process = subprocess.Popen(
            [SERVER, "--port", str(self.port), "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.client = redis.Redis.from_url(self.url)
        until(lambda: self._answers())

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.exceptions.ConnectionError:
            return False

    def stop(self) -> None:
        self.client.close()
        self.process.kill()
        self.process.wait()


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def server() -> Iterator[Redis]:
    made = Redis()
    yield made
    made.stop()


def published(key: str, life_ms: int, now_ms: int) -> Output:
    return creative_output(key, creative(key, created=now_ms, expires=now_ms + life_ms), 4, now_ms)


def test_what_has_expired_or_cannot_be_read_is_deleted() -> None:
    def record(value: bytes | None) -> Any:
        return msgspec.defstruct("Raw", ["topic", "key", "value"])(CREATIVE.name, KEY.encode(), value)

    good = published(KEY, 1_000, 5_000).value
    for value, now_ms, kept in (
        (good, 5_999, True),
        (good, 6_000, False),
        (b"{", 0, False),
        (None, 0, False),
    ):
        [(key, made, until_ms)] = mirror_changes_of([record(value)], now_ms)
        assert key == KEY.encode()
        assert (made, until_ms) == ((value, 6_000) if kept else (None, None))


def test_an_address_that_is_none_and_a_redis_that_is_away_are_said() -> None:
    with pytest.raises(RefusedError, match="redis://host"):
        RedisMirror("shop.example", unix_ms)
    with pytest.raises(RefusedError, match="--redis"):
        asyncio.run(RedisMirror("redis://127.0.0.1:1/0", unix_ms).start())


@needs_server
@pytest.mark.broker
def test_a_redis_holds_what_stands_on_the_topics(broker: str, server: Redis, tmp_path: Path) -> None:
    settings = Settings(broker=broker)

    def send(*outputs: Output) -> None:
        async def run() -> None:
            await create(settings)
            producer = OutputProducer(settings)
            await producer.start()
            await producer.send(outputs)
            await producer.stop()

        asyncio.run(run())

    now_ms = unix_ms()
    send(published(KEY, 3_600_000, now_ms), published("d|c1|native", 3_600_000, now_ms))
    environ = {**os.environ, "KAFKA_BROKER": broker, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-m", "agents.run_commands", "materialise", "--redis", server.url]
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=log, stderr=log)
    try:
        until(lambda: server.client.get(KEY))
        assert msgspec.json.decode(server.client.get(KEY))["creative_id"] == "cr_u:m1"
        assert 3_000_000 < server.client.pttl(KEY) <= 3_600_000

        server.stop()
        send(
            withdraw_creative(KEY, "cr_u:m1", "test", 4, unix_ms()),
            revocation_output(Revocation("item", "i-m1", "sold_out", unix_ms(), True), unix_ms()),
        )
        until(lambda: "the Redis took nothing" in (tmp_path / "log").read_text())
        server.start()
        server.client.set(KEY, b"left from before")
        until(lambda: server.client.get("revocation|item|i-m1"))
        until(lambda: server.client.get(KEY) is None)
    finally:
        process.terminate()
        assert process.wait(60) == 0, (tmp_path / "log").read_text()[-2000:]
        log.close()
