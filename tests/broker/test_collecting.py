"""The collector as a process: whoever was answered is on the topic, though it is killed, and though the
broker is away."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from models.beacon.address import PATH
from streams import records as r
from streams.broker.admin import create
from streams.broker.read_once import read_topics
from streams.local_broker.server import Broker
from streams.settings import Settings
from streams.topics import BEHAVIOR, CLICK, IMPRESSION
from streams.wire.codecs import WireLimits, decode
from streams.wire.ids import click_id, impression_id, playing_id
from streams.wire.partition import partition
from tests.agents.collecting.beacons import SHOWN, TARGET, sealed, showing
from tests.collector_server import CollectorServer
from tests.seed import run_seed

pytestmark = [pytest.mark.broker]
TOPICS = (IMPRESSION, CLICK, BEHAVIOR)
AWAY_S = 60.0
UNTIL_S = 4_000_000_000


class Crowd:
    """Clients that call trackers and remember which calls were answered."""

    def __init__(self) -> None:
        self.calls = 0
        self.answered: set[str] = set()
        self.refused = Counter[int]()

    async def call(self, session: ClientSession, port: int) -> None:
        number, self.calls = self.calls, self.calls + 1
        event, target = ((2, ""), (0, TARGET), (503, ""))[number % 3]
        user, shown = f"u{number % 50}", f"r{number}"
        path = sealed(event=event, target=target, user=user, until_s=UNTIL_S)
        address = f"http://127.0.0.1:{port}{PATH}{path}?s={showing(shown)}"
        key = (SHOWN.creative_id, user, shown)
        try:
            async with session.get(address, allow_redirects=False) as answer:
                if answer.status in (200, 302):
                    ids = {2: impression_id(*key), 0: click_id(*key), 503: playing_id(*key, "midpoint")}
                    self.answered.add(ids[event])
                else:
                    self.refused[answer.status] += 1
        except (ClientError, OSError):
            return  # not answered: nothing was promised

    async def run(self, port: int, over: Callable[[], bool]) -> None:
        """Calls until it is over, 20 at a time, each again as soon as it is answered."""

        async def one(session: ClientSession) -> None:
            while not over():
                await self.call(session, port)
                await asyncio.sleep(0.02)

        async with ClientSession() as session:
            await asyncio.gather(*(one(session) for _ in range(20)))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path / "broker")
    made.start()
    yield made
    made.stop()
    made.wipe()


Start = Callable[[Settings], Awaitable[CollectorServer]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts collectors on one folder; none outlives the test."""
    started: list[CollectorServer] = []

    async def made(settings: Settings) -> CollectorServer:
        log = tmp_path / f"{len(started)}.log"
        server = await asyncio.to_thread(CollectorServer, settings, tmp_path / "state", log)
        started.append(server)
        return server

    yield made
    for each in started:
        each.kill()


def settings_of(broker: Broker) -> Settings:
    address = broker.status().address
    assert address is not None
    return Settings(broker=address)


async def on_topics(settings: Settings) -> Counter[str]:
    """How often each id stands there; every record is one that its topic takes, in its user's partition."""
    found = Counter[str]()
    for spec in TOPICS:
        async for record in read_topics(settings, [spec.name]):
            made = decode(spec, record.value, record.key, record.headers, record.timestamp, WireLimits())
            assert isinstance(made, r.Impression | r.Click | r.Behavior)
            assert record.partition == partition(record.key or b"", settings.partitions)
            found[made.id] += 1
    return found


async def all_sent(server: CollectorServer) -> None:
    deadline = time.monotonic() + 120
    while await asyncio.to_thread(server.metric, "shiftcast_collect_waiting"):
        assert time.monotonic() < deadline, server.log.read_text()[-2000:]
        await asyncio.sleep(0.2)


def test_whoever_was_answered_is_on_the_topic_though_the_collector_is_killed(
    broker: Broker, start: Start
) -> None:
    """Killed again and again at any moment, also while the broker takes what came before."""
    settings, rng = settings_of(broker), random.Random(run_seed())

    async def run() -> None:
        await create(settings)
        crowd = Crowd()
        for _ in range(5):
            server = await start(settings)
            before, wanted = len(crowd.answered), rng.randrange(20, 200)
            gone = asyncio.Event()
            calling = asyncio.create_task(crowd.run(server.port, gone.is_set))
            while len(crowd.answered) < before + wanted:
                await asyncio.sleep(0.005)
            server.kill()
            gone.set()
            await calling
        last = await start(settings)
        await all_sent(last)
        assert await asyncio.to_thread(last.stop) == 0
        found = await on_topics(settings)
        assert len(crowd.answered) >= 100 and not crowd.answered - set(found), "answered and lost"

    asyncio.run(run())


def test_while_the_broker_is_away_it_answers_and_afterwards_all_of_it_is_there(
    broker: Broker, start: Start
) -> None:
    settings = settings_of(broker)
    port = int(settings.broker.rpartition(":")[2])

    async def run() -> None:
        await create(settings)
        crowd = Crowd()
        await asyncio.to_thread(broker.stop)
        server = await start(settings)
        assert server.state("/ready").status == 200, "it needs no broker to start"
        back_s = time.monotonic() + AWAY_S
        await crowd.run(server.port, lambda: time.monotonic() > back_s)
        assert not crowd.refused and len(crowd.answered) == crowd.calls
        health = await asyncio.to_thread(server.state, "/health")
        assert health.status == 503 and b"wait on disk" in health.body
        assert await asyncio.to_thread(server.metric, "shiftcast_collect_waiting") == len(crowd.answered)
        await asyncio.to_thread(broker.start, port)
        more = crowd.calls + 100
        await crowd.run(server.port, lambda: crowd.calls > more)
        await all_sent(server)
        assert (await asyncio.to_thread(server.state, "/health")).status == 200
        assert await asyncio.to_thread(server.metric, "shiftcast_compiled_after_start") == 0
        found = await on_topics(settings)
        assert set(found) == crowd.answered and set(found.values()) == {1}, "each once, none missing"
        assert await asyncio.to_thread(server.stop) == 0

    asyncio.run(run())
