"""The look-up as a process on a real broker: the ladder, withdrawals and revocations, a broker that goes and
comes back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from agents.creatives.publication import creative_output, withdraw_creative
from models.revocations import Revocation
from streams import records as r
from streams.broker.admin import create
from streams.broker.producer import OutputProducer
from streams.local_broker.server import Broker
from streams.mapping.revocations import revocation_output
from streams.settings import Settings
from streams.topics import AUDIENCE, CAMPAIGN
from streams.wire.output import Output
from tests.agents.serving.test_answering import creative
from tests.agents.serving.test_bidding import BANNER
from tests.lookup_server import LookupServer
from tests.server_process import Answered

pytestmark = [pytest.mark.broker]
PATIENCE_S = 120.0
LIFE_MS = 3_600_000
ASK = "/v1/creative?user=u1&slot=native&campaign=c1"


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Place:
    def __init__(self, broker: Broker, folder: Path) -> None:
        self.broker = broker
        address = broker.start().address
        assert address is not None
        self.port = int(address.rpartition(":")[2])
        self.settings = Settings(broker=address)
        asyncio.run(create(self.settings))
        self.send(
            *(self.made(key) for key in ("u:u1|c1|native", "s:k07|c1|native", "d|c1|native")),
            self.made("d|c1|banner_300x250"),
            Output(AUDIENCE.name, b"u1", msgspec.json.encode(r.AudienceSegment("u1", "k07", 1, unix_ms()))),
            Output(
                CAMPAIGN.name,
                b"c1",
                msgspec.json.encode(
                    r.Campaign(
                        "c1", 1, "active", r.Advertiser("E"), cap=[r.Cap(3, 60)], bid=r.Bid(1.2, "EUR")
                    )
                ),
            ),
        )
        self.server = LookupServer(self.settings, folder / "serve.log")

    def made(self, key: str, life_ms: int = LIFE_MS) -> Output:
        now_ms = unix_ms()
        record = creative(key, created=now_ms, expires=now_ms + life_ms)
        return creative_output(key, record, self.settings.partitions, now_ms)

    def withdrawn(self, key: str) -> Output:
        return withdraw_creative(key, "cr_x", "test", self.settings.partitions, unix_ms())

    def send(self, *outputs: Output) -> None:
        async def run() -> None:
            producer = OutputProducer(self.settings)
            await producer.start()
            await producer.send(outputs)
            await producer.stop()

        asyncio.run(run())

    def until(self, path: str, right: Callable[[Answered], bool]) -> Answered:
        deadline = time.monotonic() + PATIENCE_S
        while not right(answer := self.server.ask(path)):
            assert time.monotonic() < deadline, (answer, self.server.log.read_text()[-2000:])
            time.sleep(0.02)
        return answer


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    broker = Broker(tmp_path / "broker")
    made = None
    try:
        made = Place(broker, tmp_path)
        yield made
    finally:
        if made is not None:
            made.server.process.kill()
            made.server.process.wait()
        broker.stop()
        broker.wipe()


def shows(audience: str) -> Callable[[Answered], bool]:
    return lambda answer: answer.headers.get("X-Shiftcast-Audience") == audience


def test_the_ladder_its_withdrawals_and_a_broker_that_is_away(place: Place) -> None:
    server = place.server
    first = server.ask(ASK)
    assert first.status == 200 and json.loads(first.body)["audience"]["key"] == "u:u1"
    assert "X-Shiftcast-Stale-S" not in first.headers, "most partitions are empty, none is stale"
    assert first.headers["X-Shiftcast-Cap"] == "n=3;per_s=60;scope=campaign"
    assert server.ask(ASK, Authorization="Bearer wrong").status == 401
    bids = server.ask("/v1/openrtb", json.dumps({"id": "r", "imp": [{"id": "1", **BANNER}]}).encode())
    assert json.loads(bids.body)["seatbid"][0]["bid"][0]["price"] == 1.2

    place.send(place.withdrawn("u:u1|c1|native"))
    place.until(ASK, shows("segment"))
    place.send(revocation_output(Revocation("creative", "cr_s:k07", "denied", unix_ms(), True), unix_ms()))
    place.until(ASK, shows("default"))
    place.send(place.made("u:u1|c1|native"))
    place.until(ASK, shows("user"))

    short = "/v1/creative?user=u2&slot=native&campaign=c2"
    place.send(place.made("u:u2|c2|native", 15_000))
    place.until(short, lambda answer: answer.status == 200)
    place.broker.stop()
    stale = place.until(ASK, lambda answer: "X-Shiftcast-Stale-S" in answer.headers)
    assert stale.status == 200 and shows("user")(stale), "served while it has not expired"
    place.until(short, lambda answer: answer.status == 204)
    assert server.state("/health").status == 503 and b"stale" in server.state("/health").body
    assert server.state("/ready").status == server.state("/live").status == 200

    place.broker.start(place.port)
    place.send(place.withdrawn("u:u1|c1|native"))
    fresh = place.until(ASK, shows("default"))
    fresh = place.until(ASK, lambda answer: "X-Shiftcast-Stale-S" not in answer.headers)
    assert shows("default")(fresh) and server.state("/health").status == 200
    assert server.stop() == 0
