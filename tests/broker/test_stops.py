"""Orderly stops lose and replay nothing; what cannot start says in one line what to type."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from streams import records as r
from streams.local_broker.server import Broker
from streams.topics import ARTIFACT, CATALOG, CLICK, GENERATION
from streams.wire.output import Output
from tests.broker.test_refit import items_file
from tests.faults.cluster import Cluster, cluster, ready
from tests.faults.crowd import Crowd, body, flow, hand_over
from tests.faults.test_kill_generator import MODULE as GENERATOR
from tests.faults.test_kill_generator import ask
from tests.seed import run_seed
from tests.workers import Worker, counted

pytestmark = [pytest.mark.broker]

PROFILES = "agents.update_profiles"
CATALOGUE = "agents.index_catalog"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("stops")) as made:
        yield made


@pytest.fixture(scope="module")
def empty_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker without any topic."""
    broker = Broker(tmp_path_factory.mktemp("empty-broker"))
    address = broker.start().address
    assert address is not None
    yield address
    broker.stop()
    broker.wipe()


async def reads(worker: Worker, metric: str = "shiftcast_records_total") -> None:
    """Until it has done something since its start."""
    await asyncio.to_thread(worker.wait_for, lambda: counted(worker, metric) > 0, 60, "reads nothing")


def test_the_profile_worker_replays_nothing_after_sigterm(place: Cluster) -> None:
    """Stopped three times while events arrive: each next start applies every event for the first time."""

    async def story() -> None:
        crowd, stop, n = Crowd(run_seed(), mixed=500), asyncio.Event(), place.settings.partitions
        worker = place.worker("profiles")
        async with place.producer() as producer:
            await hand_over(producer, crowd.agreements(int(time.time() * 1000)), n)
            input_ = asyncio.ensure_future(flow(producer, crowd, n, stop, 500))
            for _ in range(3):
                await ready(worker)
                await reads(worker)
                assert counted(worker, "shiftcast_events_total", 'status="replayed"') == 0
                assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
            stop.set()
            await input_
        await ready(worker)
        await place.caught_up()
        assert (
            min(
                counted(worker, "shiftcast_events_total", 'status="applied"'),
                counted(worker, "shiftcast_records_total"),
            )
            > 0
        )
        assert counted(worker, "shiftcast_events_total", 'status="replayed"') == 0
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        await ready(worker)
        now_ms = int(time.time() * 1000)
        await place.send([Output(CLICK.name, b"u0", body("u0", now_ms, id="last", item_id="i1"))])
        await reads(worker)
        await place.caught_up()
        assert counted(worker, "shiftcast_records_total") == 1, "nothing else was left to read"
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]

    asyncio.run(story())


def test_a_hangup_flushes_as_sigterm_does(place: Cluster) -> None:
    """A closed terminal ends it with code 0, and the next start applies every event for the first time."""

    async def story() -> None:
        crowd, stop, n = Crowd(run_seed(), mixed=300), asyncio.Event(), place.settings.partitions
        worker = place.worker("profiles-hung-up")
        async with place.producer() as producer:
            await ready(worker)
            input_ = asyncio.ensure_future(flow(producer, crowd, n, stop, 500))
            await reads(worker)
            worker.signal(signal.SIGHUP)
            assert await asyncio.to_thread(worker.wait_gone) == 0, worker.said()[-3000:]
            stop.set()
            await input_
        await ready(worker)
        await place.caught_up()
        assert counted(worker, "shiftcast_events_total", 'status="replayed"') == 0
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]

    asyncio.run(story())


def test_the_generator_answers_nothing_twice_after_sigterm(place: Cluster) -> None:
    async def story() -> None:
        worker, stop, asked = place.worker("generator", GENERATOR), asyncio.Event(), list[str]()
        async with place.producer() as producer:
            input_ = asyncio.ensure_future(ask(producer, place.settings.partitions, asked, stop))
            for _ in range(2):
                await ready(worker)
                await reads(worker, "shiftcast_generations_total")
                assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
            stop.set()
            await input_
        await ready(worker)
        await place.caught_up(GENERATOR)
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        endings = [
            msgspec.json.decode(each.value, type=r.GenerationResult).request_id
            for each in await place.read(GENERATION.name)
        ]
        assert Counter(id for id in endings if id in set(asked)) == Counter(set(asked))

    asyncio.run(story())


def test_the_catalogue_worker_stopped_at_work_goes_on_where_it_was(place: Cluster) -> None:
    async def story() -> None:
        items = [
            msgspec.json.decode(line, type=r.CatalogItem)
            for line in items_file(place.folder).read_bytes().splitlines()
        ]
        worker = place.worker("catalogue", CATALOGUE)
        await ready(worker)
        async with place.producer() as producer:
            for each in items:
                await producer.send(CATALOG.name, msgspec.json.encode(each), each.item_id.encode())
        await asyncio.sleep(1.5)  # about when it has seen the last and begins
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        await ready(worker)
        known = await settled(place, {each.item_id for each in items})
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        await ready(worker)
        await asyncio.sleep(2.5)  # it would have settled by then
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        records = await place.read(ARTIFACT.name)
        assert len(records) == known, "a start without changes publishes nothing"

    asyncio.run(story())


def wrong_starts(place: Cluster, empty_broker: str) -> list[tuple[Worker, tuple[str, ...]]]:
    """Workers that cannot start, and what their one line must name."""
    empty = replace(place.settings, broker=empty_broker)
    there, nowhere = (
        Cluster(empty, place.folder),
        {"KAFKA_BROKER": "127.0.0.1:9", "SHIFTCAST_BROKER_WAIT_S": "1"},
    )
    starts: list[tuple[Worker, tuple[str, ...]]] = []
    for module in (PROFILES, GENERATOR, CATALOGUE):
        name = module.partition(".")[2]
        starts += [
            (place.worker(f"{name}-nowhere", module, **nowhere), ("shiftcast broker start", "KAFKA_BROKER")),
            (there.worker(f"{name}-empty", module), ("shiftcast topics create",)),
            (
                place.worker(f"{name}-partitions", module, SHIFTCAST_PARTITIONS="7"),
                ("SHIFTCAST_PARTITIONS is 7",),
            ),
            (
                place.worker(f"{name}-setting", module, SHIFTCAST_PARTITIONS="seven"),
                ("SHIFTCAST_PARTITIONS is 'seven'", "whole number"),
            ),
        ]
    without = {"SHIFTCAST_COPYWRITER": "model", "SHIFTCAST_MODEL_DIR": str(place.folder / "no-model")}
    starts.append((place.worker("generator-model", GENERATOR, **without), ("SHIFTCAST_MODEL_DIR",)))
    place.workers += there.workers
    return starts


def test_what_cannot_start_says_in_one_line_what_to_type(place: Cluster, empty_broker: str) -> None:
    starts = wrong_starts(place, empty_broker)
    for worker, _ in starts:
        worker.start()
    for worker, named in starts:
        assert worker.wait_gone() == 1, worker.said()[-2000:]
        lines = worker.reasons()
        assert len(lines) == 1, (worker.log.name, worker.said()[-2000:])
        assert all(each in lines[0] for each in named), lines[0]
        assert "Traceback" not in worker.said(), worker.said()[-2000:]


async def settled(place: Cluster, wanted: set[str]) -> int:
    """How many records the artefact has once all `wanted` items are in it and no more came for a while."""
    count, at_s = 0, time.monotonic()
    while time.monotonic() - at_s < 4:
        await asyncio.sleep(0.5)
        records = await place.read(ARTIFACT.name)
        known = {
            each.key.decode().partition("item:")[2] for each in records if b"item:" in each.key and each.value
        }
        if len(records) != count or not wanted <= known:
            count, at_s = len(records), time.monotonic()
    return count
