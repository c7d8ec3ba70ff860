"""What becomes of the topics that a worker reads: deleted, made anew, grown, emptied by retention, stamped by
their producers, or too few for all workers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete

from streams.broker.admin import wanted_config
from streams.broker.clients import admin
from tests.streams.worker.toy_run import ToyRun
from tests.streams.worker.toy_worker import topics
from tests.workers import Worker, answer_of, gauges_of

pytestmark = [pytest.mark.broker]


@pytest.fixture
def run(broker: str, tmp_path: Path) -> Iterator[ToyRun]:
    """A run on topics of one partition."""
    toy = ToyRun(broker, tmp_path, partitions=1)
    asyncio.run(toy.create_topics())
    yield toy
    toy.end()


async def started(run: ToyRun) -> Worker:
    worker = (run.workers[0] if run.workers else run.worker("w1")).start()
    await asyncio.to_thread(worker.wait_ready)
    return worker


async def send(run: ToyRun, n: int, topic: int = 0, timestamp_ms: int | None = None) -> None:
    """`n` records of as many users that no other call sends."""
    producer = AIOKafkaProducer(bootstrap_servers=run.broker, linger_ms=5)
    await producer.start()
    name = topics(run.prefix)[topic].name
    for value in range(n):
        user = b"s%d" % len(run.expected)
        await producer.send(name, b"%d" % value, user, 0, timestamp_ms)
        run.expected[user] = [[0, 0], [0, 0], [0, 0]]
        for part, amount in enumerate((1, value, value)):
            run.expected[user][part][topic] = amount
    await producer.stop()


async def until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.2)


async def line_of_the_end(worker: Worker, timeout_s: float = 60.0) -> str:
    """What a worker said when it ended by itself."""
    assert await asyncio.to_thread(worker.wait_gone, timeout_s) == 1, worker.said()[-3000:]
    assert "Traceback" not in worker.said(), worker.said()[-3000:]
    [line] = re.findall(r"^shiftcast: (?!.* metrics on http)(.*)$", worker.said(), re.MULTILINE)
    return str(line)


def test_a_worker_for_which_no_partition_is_left_stands_by(run: ToyRun) -> None:
    """It is ready and healthy, and takes over."""

    async def story() -> None:
        first, second = run.worker("w1"), run.worker("w2")
        for worker in (first, second):
            worker.start()
            await asyncio.to_thread(worker.wait_ready)
        for worker in (first, second):
            assert answer_of(worker, "/ready") == (200, "ok\n")
            assert answer_of(worker, "/health") == (200, "ok\n")
        await run.produce(500)
        first.kill()
        await run.produce(500)
        await run.caught_up()
        await run.check()

    asyncio.run(story())


def test_records_deleted_unread_are_counted_and_are_no_lag(run: ToyRun) -> None:
    """300 applied, 250 of the next 400 deleted while no worker runs: 450 count, 250 are reported and kept."""

    async def story() -> None:
        worker = await started(run)
        await send(run, 300)
        await run.caught_up()
        assert worker.terminate() == 0
        kept = dict(run.expected)
        await send(run, 250)
        run.expected = kept
        tp = TopicPartition(topics(run.prefix)[0].name, 0)
        async with admin(run.settings) as client:
            await client.delete_records({tp: RecordsToDelete(550)})
        await started(run)
        await run.caught_up()
        lost = f'shiftcast_events_lost_total{{partition="0",topic="{tp.topic}"}}'
        await until(lambda: gauges_of(worker).get(lost) == 250)
        await until(lambda: not any(v for k, v in gauges_of(worker).items() if "lag_records" in k))
        assert "WARNING" in worker.said() and "250 records from offset 300" in worker.said()
        assert worker.terminate() == 0
        await run.check([worker.data_dir])

    asyncio.run(story())


def test_a_source_made_anew_that_has_grown_past_the_fence_is_refused(run: ToyRun) -> None:
    async def story() -> None:
        worker = await started(run)
        await send(run, 200)
        await run.caught_up()
        assert worker.terminate() == 0
        name = topics(run.prefix)[0].name
        await run.create_anew(name)
        await send(run, 300)
        worker.start()
        said = await line_of_the_end(worker)
        assert name in said and f"SHIFTCAST_APP_PREFIX={run.prefix}-2 shiftcast topics create" in said

    asyncio.run(story())


def test_a_source_made_anew_under_a_running_worker_ends_it(run: ToyRun) -> None:
    async def story() -> None:
        worker = await started(run)
        await send(run, 200)
        await run.caught_up()
        name = topics(run.prefix)[0].name
        await run.create_anew(name)
        await send(run, 300)
        said = await line_of_the_end(worker)
        assert name in said and f"SHIFTCAST_APP_PREFIX={run.prefix}-2" in said

    asyncio.run(story())


def test_partitions_added_under_a_running_worker_end_it(run: ToyRun) -> None:
    async def story() -> None:
        worker = await started(run)
        await send(run, 200)
        await run.caught_up()
        name = topics(run.prefix)[0].name
        async with admin(run.settings) as client:
            await client.create_partitions({name: NewPartitions(3)})
        said = await line_of_the_end(worker)
        assert f"{name} has 3" in said
        assert f"SHIFTCAST_PARTITIONS=3 SHIFTCAST_APP_PREFIX={run.prefix}-2 shiftcast topics create" in said
        worker.start()
        assert f"{name} has 3" in await line_of_the_end(worker), "and at the next start"

    asyncio.run(story())


def test_a_source_whose_producers_set_the_clock_is_refused(run: ToyRun) -> None:
    async def story() -> None:
        spec = topics(run.prefix)[0]
        config = {**wanted_config(spec), "message.timestamp.type": "CreateTime"}
        async with admin(run.settings) as client:
            await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, spec.name, config)])
        said = await line_of_the_end(run.worker("w1").start())
        assert spec.name in said and "shiftcast topics create --repair" in said

    asyncio.run(story())
