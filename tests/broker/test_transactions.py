"""Transactions of producers: what is committed counts once, what is open or aborted does not count, and the
markers between records are no lag."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer

from streams.broker.read_once import read_firsts, read_topics
from tests.seed import run_seed
from tests.streams.worker.toy_run import ToyRun
from tests.streams.worker.toy_worker import topics
from tests.workers import PATIENCE_S, Worker, gauges_of

pytestmark = [pytest.mark.broker]

USER, LANE = b"of-transactions", 1


@pytest.fixture
def run(broker: str, tmp_path: Path) -> Iterator[ToyRun]:
    toy = ToyRun(broker, tmp_path)
    asyncio.run(toy.create_topics())
    yield toy
    toy.end()


def transactional(run: ToyRun, name: str) -> Producer:
    options = {"bootstrap.servers": run.broker, "transactional.id": f"{run.prefix}-{name}", "log_level": 0}
    producer = Producer(options)
    producer.init_transactions(30)
    return producer


def send(run: ToyRun, producer: Producer, values: list[int], expect: bool) -> None:
    """Records of one user to the first topic, acknowledged by the broker; `expect` = they are to count."""
    for value in values:
        producer.produce(topics(run.prefix)[0].name, b"%d" % value, USER, LANE)
        if expect:
            cell = run.expected.setdefault(USER, [[0, 0], [0, 0], [0, 0]])
            cell[0][0] += 1
            cell[1][0] = (cell[1][0] * 31 + value) % (1 << 61)
            cell[2][0] += value
    producer.flush(30)


async def until_no_lag(worker: Worker, timeout_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + timeout_s
    while waiting := {
        k: v for k, v in gauges_of(worker).items() if k.startswith("shiftcast_lag_records") and v
    }:
        assert time.monotonic() < deadline, waiting
        await asyncio.sleep(0.2)


async def started(run: ToyRun, **env: str) -> Worker:
    worker = run.worker("w1", **env).start()
    await asyncio.to_thread(worker.wait_ready)
    return worker


def test_what_is_aborted_or_open_is_not_counted(run: ToyRun) -> None:
    """begin, 5, commit; begin, 7, abort: 5. begin, 3, left open: 5, and no lag; committed: 8."""

    async def story() -> None:
        worker = await started(run)
        source, writer, other = topics(run.prefix)[0].name, transactional(run, "a"), transactional(run, "b")
        writer.begin_transaction()
        send(run, writer, [1, 2, 3, 4, 5], expect=True)
        writer.commit_transaction(30)
        writer.begin_transaction()
        send(run, writer, [10] * 7, expect=False)
        writer.abort_transaction(30)
        other.begin_transaction()
        send(run, other, [6, 7, 8], expect=False)
        await run.caught_up()
        await until_no_lag(worker)
        await run.check()
        settings = run.settings
        assert len([record async for record in read_topics(settings, [source])]) == 5
        assert await read_firsts(settings, source, {LANE: 7}) == {}, "aborted"
        assert await read_firsts(settings, source, {LANE: 15}) == {}, "open"
        other.commit_transaction(30)
        send(run, other, [], expect=False)
        cell = run.expected[USER]
        cell[0][0], cell[2][0] = 8, 36
        for value in (6, 7, 8):
            cell[1][0] = (cell[1][0] * 31 + value) % (1 << 61)
        await run.caught_up()
        await until_no_lag(worker)
        assert worker.terminate() == 0
        await run.check([worker.data_dir])

    asyncio.run(story())


def test_a_setting_counts_all_that_is_written(run: ToyRun) -> None:
    async def story() -> None:
        run.settings = replace(run.settings, isolation="read_uncommitted")
        worker = await started(run, SHIFTCAST_ISOLATION="read_uncommitted")
        writer = transactional(run, "a")
        writer.begin_transaction()
        send(run, writer, [1, 2, 3], expect=True)
        writer.abort_transaction(30)
        writer.begin_transaction()
        send(run, writer, [4, 5], expect=True)
        await run.caught_up()
        await until_no_lag(worker)
        writer.abort_transaction(30)
        assert worker.terminate() == 0
        await run.check([worker.data_dir])

    asyncio.run(story())


def test_a_tenth_aborted_under_load_and_kills(run: ToyRun) -> None:
    """400 transactions of 1 to 20 records among plain ones; 10 % are aborted; the worker is killed twice."""

    async def story() -> None:
        rng, worker, writer = random.Random(run_seed()), await started(run), transactional(run, "a")
        plain = asyncio.ensure_future(run.produce(2_000, 500))
        for number in range(400):
            count = rng.random() >= 0.1
            writer.begin_transaction()
            values = [rng.randrange(1000) for _ in range(rng.randrange(1, 21))]
            await asyncio.to_thread(send, run, writer, values, count)
            if count:
                await asyncio.to_thread(writer.commit_transaction, 30)
            else:
                await asyncio.to_thread(writer.abort_transaction, 30)
            if number in (130, 260):
                worker.kill()
                worker.start()
        await plain
        await run.caught_up()
        await until_no_lag(worker)
        assert worker.terminate() == 0
        await run.check([worker.data_dir])

    asyncio.run(story())
