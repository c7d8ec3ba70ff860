"""A month of orders through the stream: each line booked or refused with a reason, the money to the penny,
and rows that neither a kill nor a second reading of everything changes. SHIFTCAST_DATA, the folder that holds
online-retail/, makes it the real month."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from agents.replay.orders import read_files
from models.order_log import COLUMNS, OrderLine
from models.row import HEADER
from streams.broker.admin import create
from streams.local_broker.server import Broker
from streams.settings import Settings
from streams.topics import DAY_MS, USER_TOPICS
from streams.worker.app import changelog_of
from tests.faults.cluster import Cluster
from tests.faults.verdict import stored
from tests.workers import PATIENCE_S, Worker

pytestmark = [pytest.mark.broker]

PARTITIONS = 4
AGE_S = 40 * DAY_MS // 1000
"""A month's oldest lines are older than workers accept by default."""
TOO_MUCH = "9e13"
TITLES = (
    "RED RETROSPOT MUG",
    "WHITE HANGING HEART",
    "JUMBO BAG PINK",
    "SET OF 3 CAKE TINS",
    "WOODEN PICTURE FRAME",
    "PARTY BUNTING",
)


def rows_of(rng: random.Random) -> Iterator[str]:
    """A month as the real one is: guests, returns, repeated lines, fees that are no articles, amounts below a
    penny, unreadable ones."""
    for n in range(1_200):
        day, minute = 4 + n * 27 // 1_200, n % 600
        item = rng.randrange(40)
        quantity = (
            "some" if n % 400 == 7 else str(-rng.randrange(1, 9) if n % 37 == 0 else rng.randrange(1, 40))
        )
        price = (
            TOO_MUCH
            if n == 500
            else rng.choice(("0.29", "1.25", "2.95", "0.001", "0", f"{rng.randrange(1, 9_000) / 100}"))
        )
        customer = "" if n % 4 == 0 else f"{17_000 + rng.randrange(60)}.0"
        order = f"{'C' if quantity.startswith('-') else ''}{536_000 + n // 6}"
        title = "" if n % 90 == 0 else f"{TITLES[item % 6]} {item}"
        country = rng.choice(("United Kingdom", "EIRE", "Unspecified"))
        when = f"2011-01-{day:02d} {9 + minute // 60:02d}:{minute % 60:02d}:00"
        line = f"{order},{20_000 + item}A,{title},{quantity},{when},{price},{customer},{country}"
        yield line
        if n % 50 == 1:
            yield line  # the same line again is a sale of its own


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The order log: the real month where there is one, else one of its kind."""
    named = os.environ.get("SHIFTCAST_DATA")
    if named:
        return Path(named) / "online-retail/2011-01.csv.gz"
    path = tmp_path_factory.mktemp("orders") / "2011-01.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("\n".join((",".join(COLUMNS), *rows_of(random.Random(1)))))
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A broker with topics and nothing on them."""
    folder = tmp_path_factory.mktemp("replay")
    broker = Broker(folder / "broker")
    address = broker.start().address
    assert address is not None
    made = Cluster(Settings(broker=address, partitions=PARTITIONS, max_event_age_s=AGE_S), folder)
    try:
        asyncio.run(create(made.settings))
        yield made
    finally:
        made.end()
        broker.stop()
        broker.wipe()


def shiftcast(place: Cluster, *args: str) -> Any:
    """What a command printed as JSON."""
    environ = {**os.environ, "KAFKA_BROKER": place.settings.broker, "SHIFTCAST_MAX_EVENT_AGE_S": str(AGE_S)}
    command = [sys.executable, "-m", "agents.run_commands", *args, "--json"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-1_000:] + done.stderr[-2_000:]
    return json.loads(done.stdout.splitlines()[-1])


def worker_of(place: Cluster, name: str) -> Worker:
    return place.worker(name, SHIFTCAST_MAX_EVENT_AGE_S=str(AGE_S))


def test_a_month_is_booked_to_the_penny_and_survives_a_kill_and_a_second_reading(
    place: Cluster, month: Path
) -> None:
    lines = list(read_files([month]))
    shiftcast(place, "replay", "--data", str(month), "--catalog-only")
    assert shiftcast(place, "index", "--refit")["items"] > 30
    first = worker_of(place, "first").start().wait_ready()
    began = time.monotonic()
    report = shiftcast(place, "replay", "--data", str(month), "--verify", "--patience", "120")
    print(json.dumps(report | {"seconds": round(time.monotonic() - began, 1)}))
    check_books(report, lines)
    assert first.terminate() == 0, first.said()[-2_000:]

    again = Cluster(replace(place.settings, app_prefix="again"), place.folder, place.workers)
    asyncio.run(create(again.settings))
    second = worker_of(again, "second")
    second.env["SHIFTCAST_FAIL_POINT"] = "store_written:2"
    second.start()
    assert second.wait_gone() == -9, second.said()[-2_000:]
    assert asyncio.run(again.read(changelog_of(again.settings, "profiles").name)), (
        "killed before anything was durable"
    )
    del second.env["SHIFTCAST_FAIL_POINT"]
    asyncio.run(read_twice(again, second))
    assert second.terminate() == 0, second.said()[-2_000:]

    expected, found = comparable(first.data_dir), comparable(second.data_dir)
    assert {kind: sum(chr(key[0]) == kind for key in expected) > 0 for kind in "pcxa"} == dict.fromkeys(
        "pcxa", True
    )
    assert found.keys() == expected.keys()
    assert [key for key in found if found[key] != expected[key]] == []
    print({kind: sum(chr(key[0]) == kind for key in expected) for kind in "pcxa"}, "rows equal")


def check_books(report: dict[str, Any], lines: list[OrderLine]) -> None:
    """Every line is a conversion or a dead letter, and what was booked is the batch computation's."""
    assert report["exact"] and report["lines"] == len(lines)
    written_off = sum(
        line.readable and float(line.quantity) <= 0 and pennies(line) == 0 for line in lines
    )  # no sale: nothing left the shop for money, nothing came back for money
    assert report["write_offs"] == written_off > 0
    assert report["conversions"] + written_off + sum(report["dead_letters"].values()) == len(lines)
    dead = report["dead_letters"]
    assert dead.keys() <= {"wrong_type", "number_range"} and dead.get("wrong_type", 0) == sum(
        not line.readable for line in lines
    )
    assert dead.get("number_range", 0) == sum(line.price == TOO_MUCH for line in lines)
    assert report["revenue_minor"] == sum(
        pennies(line) for line in lines if line.readable and line.price != TOO_MUCH
    )
    assert (
        report["guest_lines"] > 0 and report["returns"] > 0 and len({line.id for line in lines}) == len(lines)
    )


def pennies(line: OrderLine) -> int:
    """A line's money without the product's rounding: exact pennies, half a penny to the even side."""
    return round(Fraction(line.quantity) * Fraction(line.price) * 100)


async def read_twice(place: Cluster, worker: Worker) -> None:
    """To the end, SIGKILL, all committed offsets back to 0, and to the end again."""
    await asyncio.to_thread(worker.start().wait_ready)
    await place.caught_up()
    worker.kill()
    await reset(place)
    assert {at for at, _ in (await place.committed()).values()} == {0}
    await asyncio.to_thread(worker.start().wait_ready)
    await place.caught_up()


async def reset(place: Cluster, timeout_s: float = PATIENCE_S) -> None:
    """Commit 0 for the whole group; the broker refuses while it still counts the killed member in."""
    group = place.settings.app_id("profiles")
    consumer = AIOKafkaConsumer(
        bootstrap_servers=place.settings.broker, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    deadline = time.monotonic() + timeout_s
    try:
        places = [TopicPartition(spec.name, n) for spec in USER_TOPICS for n in range(PARTITIONS)]
        consumer.assign(places)
        while True:
            try:
                await consumer.commit(dict.fromkeys(places, 0))
                return
            except KafkaError:
                assert time.monotonic() < deadline, "the group never became empty"
                await asyncio.sleep(0.5)
    finally:
        await consumer.stop()


def comparable(folder: Path) -> dict[bytes, bytes]:
    """Rows of users whole; of counters their content: the frame around it tells which flush wrote it, and no
    two runs flush alike."""
    rows = {key: value for lane in stored(folder, PARTITIONS) for key, value in lane.items()}
    users = {key: value for key, value in rows.items() if chr(key[0]) in "pcx"}
    return users | {key: value[HEADER.itemsize :] for key, value in rows.items() if chr(key[0]) == "a"}
