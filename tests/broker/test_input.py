"""What arrives, on the real broker: bad records between good ones, two topics at once, and a reader that
knows nothing of this project."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from confluent_kafka import Producer

from models.interest.profile import PROFILE
from streams.rows.sparse_rows import unpacked_bytes
from streams.topics import BEHAVIOR, CLICK, CONVERSION, CREATIVE, DEAD, IMPRESSION, REQUEST, TopicSpec
from streams.wire.codecs import encode
from streams.wire.dead_letters import dead_letters_of
from streams.wire.partition import partition
from tests.faults.cluster import Cluster, cluster, ready
from tests.faults.counted import counters_of
from tests.faults.crowd import ALL_PURPOSES, body
from tests.faults.test_kill_generator import request
from tests.faults.verdict import run_of
from tests.workers import ROOT

pytestmark = [pytest.mark.broker]

DAY_MS = 86_400_000
GOOD_PER_BAD = 20
ASTRAY = 40
NO_KEY = "(none)"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("input")) as made:
        yield made


def click(user: str, number: str, ts: int, **fields: Any) -> bytes:
    return body(user, ts, id=number, campaign_id="c0", explicit=ALL_PURPOSES, **fields)


def bad_records(now_ms: int) -> list[tuple[str, TopicSpec, str | None, bytes | None, Mapping[str, bytes]]]:
    """(reason, topic, key, value, headers): one per way of being wrong; each of a user of its own."""
    none: dict[str, bytes] = {}
    deep = b'{"user":"b7","ts":%d,"id":"x","device":%s}' % (now_ms, b'{"x":' * 4_000 + b"1" + b"}" * 4_000)
    return [
        ("not_json", CLICK, "b0", b'{"user":"b0","ts":', none),
        ("not_json", IMPRESSION, "b1", b"\xff\xfe", none),
        ("wrong_type", CLICK, "b2", body("b2", "soon", id="x"), none),  # type: ignore[arg-type]
        ("missing_field", CLICK, "b3", body("b3", now_ms), none),
        (
            "not_finite",
            IMPRESSION,
            "b4",
            body("b4", now_ms, id="x", creative_id=None, price={"cpm": float("nan")}),
            none,
        ),
        ("too_large", BEHAVIOR, "b5", body("b5", now_ms, id="x", type="search", text="x" * 70_000), none),
        ("unknown_campaign", CLICK, "b6", body("b6", now_ms, id="x", campaign_id="nobody's"), none),
        ("too_deep", CLICK, "b7", deep, none),
        ("in_future", CLICK, "b8", click("b8", "x", now_ms + 3_600_000), none),
        ("too_old", CLICK, "b9", click("b9", "x", now_ms - 30 * DAY_MS), none),
        (
            "unknown_schema_version",
            CLICK,
            "b10",
            click("b10", "x", now_ms),
            {"ce_type": b"ads.click.recorded.v9"},
        ),
        ("null_key", CLICK, None, click("b11", "x", now_ms), none),
        ("bad_key", CLICK, "b 12", click("b 12", "x", now_ms), none),
        ("key_mismatch", CLICK, "b13", click("other", "x", now_ms), none),
        ("null_value", CLICK, "b14", None, none),
        ("bad_string", CLICK, "b15", click("b15", "x\u202e", now_ms), none),
        (
            "too_many",
            CONVERSION,
            "b16",
            body("b16", now_ms, id="x", type="purchase", items=[{"item_id": "i1"}] * 65),
            none,
        ),
        (
            "number_range",
            CONVERSION,
            "b17",
            body("b17", now_ms, id="x", type="purchase", value=1e300, cur="EUR"),
            none,
        ),
    ]


def send_good_and_bad(place: Cluster) -> tuple[dict[str, int], dict[str, str]]:
    """(good events by user, reason by key of a bad record). At librdkafka's defaults the key's CRC decides on
    the partition,

    which is not where Java and aiokafka put it: only `astray` users are left to that.
    """
    n, now_ms = place.settings.partitions, int(time.time() * 1000)
    good, expected = Counter[str](), dict[str, str]()
    producer = Producer({"bootstrap.servers": place.settings.broker})
    for k, (reason, spec, key, value, headers) in enumerate(bad_records(now_ms)):
        for number in range(GOOD_PER_BAD):
            user = f"good{number % 7}"
            good[user] += 1
            producer.produce(
                CLICK.name, click(user, f"g{k}-{number}", now_ms), user, partition(user.encode(), n)
            )
        where = partition(key.encode(), n) if key is not None else 0
        producer.produce(spec.name, value, key, where, headers=list(headers.items()))
        expected[key or NO_KEY] = reason
    for number in range(ASTRAY):
        user = f"astray{number}"
        good[user] += 1
        producer.produce(CLICK.name, click(user, f"a{number}", now_ms), user)
    assert producer.flush(30) == 0
    return dict(good), expected


def test_bad_records_end_as_dead_letters_and_good_ones_between_them_are_applied(place: Cluster) -> None:
    good, expected = send_good_and_bad(place)

    async def story() -> None:
        worker = place.worker("bad-input")
        await ready(worker)
        await place.caught_up()
        letters, _ = dead_letters_of(await place.read(DEAD.name))
        found = {(each.key.decode() if each.key else NO_KEY): each.reason for each in letters}
        astray = {user for user, reason in found.items() if reason == "wrong_partition"}
        assert {user: reason for user, reason in found.items() if user not in astray} == expected
        assert 0 < len(astray) < ASTRAY and all(user.startswith("astray") for user in astray)
        assert clicks_of(await run_of(place)) == {
            user: count for user, count in good.items() if user not in astray
        }

        done = shiftcast(place, "dead-letters", "replay", "--reason", "wrong_partition", "--json")
        assert json.loads(done)["sent"] == len(astray)
        await place.caught_up()
        assert clicks_of(await run_of(place)) == good
        assert len(dead_letters_of(await place.read(DEAD.name))[0]) == len(letters)
        assert worker.terminate() == 0
        print(f"{len(expected)} bad records, {len(astray)} astray, {sum(good.values())} good events")

    asyncio.run(story())


def clicks_of(run: Any) -> dict[str, int]:
    """Clicks that each profile counted."""
    rows = {
        key[1:].decode(): np.frombuffer(unpacked_bytes(value), PROFILE)[0]
        for key, value in run.rows.items()
        if key[:1] == b"p"
    }
    return {user: int(row["n_click"]) for user, row in rows.items()}


def shiftcast(place: Cluster, *arguments: str) -> str:
    """A command as an operator types it; its output."""
    env = {
        "KAFKA_BROKER": place.settings.broker,
        "SHIFTCAST_PARTITIONS": str(place.settings.partitions),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "agents.run_commands", *arguments]
    done = subprocess.run(
        command, env=env, cwd=place.folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_clicks_and_impressions_together_ten_thousand_times(place: Cluster) -> None:
    """Both records of a pair leave at once on two topics: either may be applied first. No more clicks of a
    user wait than his row holds."""
    n, users, rounds, hour_ms = place.settings.partitions, 2_500, 4, 3_600_000

    async def story() -> None:
        worker = place.worker("together")
        await ready(worker)
        begin_ms = int(time.time() * 1000) - DAY_MS
        async with place.producer() as producer:
            for k in range(rounds * users):
                user, shown_ms = f"hot{k % users}", begin_ms + k // users * hour_ms + k % users
                ours = {"campaign_id": "c1", "explicit": ALL_PURPOSES}
                shown = body(user, shown_ms, id=f"i{k}", creative_id=None, slot="native", **ours)
                clicked = body(user, shown_ms + 1_000, id=f"k{k}", imp_id=f"i{k}", **ours)
                for spec, value in ((IMPRESSION, shown), (CLICK, clicked)):
                    await producer.send(spec.name, value, user.encode(), partition(user.encode(), n))
        await place.caught_up()
        assert worker.terminate() == 0
        run = await run_of(place)
        for k in range(users):
            profile = np.frombuffer(unpacked_bytes(run.rows[b"phot%d" % k]), PROFILE)[0]
            assert (int(profile["n_imp"]), int(profile["n_click"])) == (rounds, rounds)
        for size in (60, 3_600, 86_400):
            counts = [
                each
                for (cell, window_s, _), each in counters_of(run.lanes).items()
                if cell[0] == "c1" and window_s == size
            ]
            assert sum(each.get("impressions", 0) for each in counts) == rounds * users
            assert sum(each.get("clicks", 0) for each in counts) == rounds * users

    asyncio.run(story())


PLAIN_READER = """
import json, sys
import jsonschema
from confluent_kafka import Consumer, TopicPartition
address, topic, schema, partitions = sys.argv[1:]
validator = jsonschema.Draft202012Validator(json.load(open(schema)))
consumer = Consumer(
    {"bootstrap.servers": address, "group.id": "an-ad-server", "enable.auto.commit": False,
     "enable.partition.eof": False}
)
read, types = 0, set()
for number in range(int(partitions)):
    place = TopicPartition(topic, number, 0)
    low, high = consumer.get_watermark_offsets(place, timeout=10)
    consumer.assign([place])
    at = low
    while at < high:
        message = consumer.poll(10)
        assert message is not None and message.error() is None, message
        at = message.offset() + 1
        if message.value() is not None:
            creative = json.loads(message.value())
            validator.validate(creative)
            parts = creative["audience"]["key"], creative["campaign_id"], creative["slot"]
            assert message.key().decode() == "|".join(parts)
            types |= {value.decode() for name, value in message.headers() if name == "ce_type"}
            read += 1
consumer.close()
foreign = sorted({"streams", "agents", "models"} & set(sys.modules))
print(json.dumps({"read": read, "types": sorted(types), "foreign": foreign}))
"""


def test_creatives_are_read_by_a_program_that_knows_only_the_schema(place: Cluster) -> None:
    """The built-in model writes; confluent-kafka and jsonschema read."""

    async def story() -> int:
        worker = place.worker("writer", "agents.generate_creatives", SHIFTCAST_COPYWRITER="model")
        await ready(worker)
        now_ms = int(time.time() * 1000)
        asked = [request(number, f"reader{number}", now_ms) for number in range(1, 13)]
        async with place.producer() as producer:
            for each in asked:
                await producer.send(
                    REQUEST.name,
                    encode(each),
                    each.user.encode(),
                    partition(each.user.encode(), place.settings.partitions),
                )
        await place.caught_up("agents.generate_creatives")
        assert worker.terminate() == 0
        return len(asked)

    asked = asyncio.run(story())
    schema = ROOT / "deploy/schemas/creative/1.0.json"
    command = [
        sys.executable,
        "-I",
        "-c",
        PLAIN_READER,
        place.settings.broker,
        CREATIVE.name,
        str(schema),
        str(place.settings.partitions),
    ]
    done = subprocess.run(command, cwd=place.folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["foreign"] == []
    assert report["types"] == [CREATIVE.ce_type]
    assert report["read"] >= 2 * asked, "a creative for each of two slots, and the shared ones"
