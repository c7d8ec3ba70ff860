"""One of two profile workers is killed at every step of a flush while users link, unlink and are erased:
counts and money are exact, who is linked knows the newest summary of the partner, and of who is not, nothing
is left with the other."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.profiles.rows.link import link_row_of
from models.stored.layouts import ROW_LAYOUTS
from streams import records as r
from streams.lane.fail_point import FAIL_STEPS
from streams.rows.row_versions import RowVersions
from streams.topics import (
    CLICK,
    CONSENT,
    CONVERSION,
    IDENTITY,
    IMPRESSION,
    PARTNER,
    PRIVACY_REQUEST,
    TopicSpec,
)
from streams.wire.partition import partition
from tests.faults.cluster import CAMPAIGNS, Cluster, cluster, ready
from tests.faults.counted import Rows, check_counters
from tests.faults.crowd import ALL_PURPOSES, body, hand_over
from tests.faults.oracle import Oracle
from tests.faults.verdict import Run, run_of
from tests.workers import Worker

pytestmark = [pytest.mark.broker, pytest.mark.faults, pytest.mark.timeout(1_200)]

ENDS = ("withdrawn", "erased", "stays")
PAIRS, SHOWN = 9, 6
Made = tuple[TopicSpec, str, bytes | None]
Pair = tuple[str, str]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


def pairs() -> list[Pair]:
    """Each over both partitions."""
    names: list[list[str]] = [[], []]
    for n in range(1_000):
        name = f"person-{n}-"
        names[partition(name.encode(), 2)].append(name)
    return list(zip(names[0], names[1], strict=False))[:PAIRS]


def events(user: str, number: int, start_ms: int) -> Iterator[Made]:
    """Impressions, each clicked, half of them bought."""
    for n in range(SHOWN):
        ts, id = start_ms + n * 5_000, f"{number}-{n}"
        price = {"cpm": 1.25 + n, "cur": "EUR"}
        named: dict[str, Any] = {"campaign_id": CAMPAIGNS[n % 3], "slot": "native", "template_id": "t1"}
        yield IMPRESSION, user, body(user, ts, id=f"i{id}", creative_id=None, price=price, **named)
        if n % 3 == 0:
            yield CLICK, user, body(user, ts + 900, id=f"k{id}", imp_id=f"i{id}", item_id="i1")
            sold = {"type": "purchase", "value": 12.34 + n, "cur": "EUR", "imp_id": f"i{id}"}
            yield CONVERSION, user, body(user, ts + 1_800, id=f"s{id}", **sold)


def linking(people: list[Pair], start_ms: int) -> Iterator[Made]:
    """Both of each pair state the link, while they are shown things."""
    for n, pair in enumerate(people):
        for user, partner in itertools.permutations(pair):
            yield IDENTITY, user, body(user, int(time.time() * 1000), partner=partner)
            yield from events(user, n, start_ms)


def ending(people: list[Pair], start_ms: int) -> Iterator[Made]:
    """Of each pair one ends the link in one of the ways; the others go on being shown things."""
    for n, pair in enumerate(people):
        if ENDS[n % 3] == "erased":
            request = {"request_id": f"p{n}", "type": "erasure", "iat": start_ms}
            yield PRIVACY_REQUEST, pair[n % 2], json.dumps(request).encode()
        elif ENDS[n % 3] == "withdrawn":
            yield IDENTITY, pair[n % 2], None
        for user in pair if ENDS[n % 3] == "stays" else ():
            yield from events(user, n + len(people), start_ms + 60_000)


def test_links_end_exactly_whatever_dies(place: Cluster) -> None:
    people = pairs()
    start_ms = int(time.time() * 1000) - 600_000

    async def story() -> None:
        workers = [place.worker("w1"), place.worker("w2")]
        agreed = [each for pair in people for each in pair]
        await send(
            place, ((CONSENT, each, body(each, start_ms - 1, explicit=ALL_PURPOSES)) for each in agreed)
        )
        for made, steps in ((linking, FAIL_STEPS[:4]), (ending, FAIL_STEPS[4:])):
            await send(place, made(people, start_ms))
            for some in (steps[:2], steps[2:]):
                await die(place, workers, some)
            await ready(*workers)
            await settled(place)
            for worker in workers:
                assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        await ready(*workers)  # sends the outcomes that the last second still owed
        for worker in workers:
            assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        await check(place, people)

    asyncio.run(story())


async def send(place: Cluster, records: Iterable[Made]) -> None:
    async with place.producer() as producer:
        await hand_over(producer, records, place.settings.partitions)


async def die(place: Cluster, workers: list[Worker], steps: Sequence[str]) -> None:
    """Start the workers and have each kill itself at its step. Whatever the first left to do may be done
    by the time the second has its lanes: others are shown things until both are dead."""
    for worker, step in zip(workers, steps, strict=True):
        worker.env["SHIFTCAST_FAIL_POINT"] = step
        worker.start()
    deadline = time.monotonic() + 300
    while any(worker.alive() for worker in workers):
        assert time.monotonic() < deadline, [worker.said()[-2000:] for worker in workers]
        now_ms = int(time.time() * 1000)
        named: dict[str, Any] = {"campaign_id": CAMPAIGNS[0], "slot": "native", "explicit": ALL_PURPOSES}
        others = [f"other-{now_ms}-{k}" for k in range(6)]
        await send(
            place, ((IMPRESSION, u, body(u, now_ms, id=f"i{u}", creative_id=None, **named)) for u in others)
        )
        await asyncio.sleep(1)
    assert [worker.returncode() for worker in workers] == [-9, -9], [w.said()[-3000:] for w in workers]
    for worker in workers:
        del worker.env["SHIFTCAST_FAIL_POINT"]


async def settled(place: Cluster) -> None:
    """Until nothing waits, nor what came of it: what a lane tells another is stored before it commits."""
    for _ in range(2):
        await place.caught_up()


async def check(place: Cluster, people: list[Pair]) -> None:
    run = await run_of(place)
    check_counts(run)
    said = newest(await place.read(IDENTITY.name) + await place.read(PARTNER.name))
    for n, pair in enumerate(people):
        stays = ENDS[n % 3] == "stays"
        for user, other in itertools.permutations(pair):
            if stays:
                check_linked(run, said, user, other)
            else:
                check_forgotten(run, said, user, other)
    print(f"exact: {len(people)} pairs over {len(FAIL_STEPS)} deaths")


def check_counts(run: Run) -> None:
    oracle = Oracle()
    for spec in (CONSENT, IMPRESSION, CLICK, CONVERSION):
        for each in run.inputs[spec.name]:
            if each.value is not None:  # the null of an erasure states nothing
                oracle.apply(spec.name, each.key, each.value, each.offset, each.timestamp)
    assert oracle.totals()["value:EUR"] > 0 and oracle.totals()["micros:EUR"] > 0
    check_counters(run.lanes, run.outcomes, oracle)


def newest(records: list[Any]) -> dict[tuple[str, bytes], bytes]:
    """What compaction leaves."""
    last = {(each.topic, each.key): each.value for each in records}
    return {place: value for place, value in last.items() if value is not None}


def check_linked(run: Run, said: dict[tuple[str, bytes], bytes], user: str, other: str) -> None:
    row = link_row_of(payload(run.lanes, b"i" + user.encode()))
    told = said[PARTNER.name, f"{user}|{other}".encode()]
    assert row is not None and row.partner == other
    assert row.heard == msgspec.json.decode(told, type=r.PartnerSummary) and row.heard.allows is not None


def check_forgotten(run: Run, said: dict[tuple[str, bytes], bytes], user: str, other: str) -> None:
    for (topic, key), value in said.items():
        assert user.encode() not in key + value, (topic, key)
    for lane in run.lanes:
        for key in lane:
            if key[1:] == user.encode():
                assert key[:1] != b"i" and other.encode() not in payload(run.lanes, key), key
    c = RowVersions(ROW_LAYOUTS, 0).rows("c", [run.rows[b"c" + user.encode()]])[0]
    assert c["linked"] == 0 and c["partner_denies"] == 0


def payload(lanes: list[Rows], key: bytes) -> bytes:
    """What stands in a row, unpacked; of rows of fixed size the whole row."""
    versions = RowVersions(ROW_LAYOUTS, 0)
    stored = next(lane[key] for lane in lanes if key in lane)
    kind = key[:1].decode()
    return versions.rows(kind, [stored]).tobytes() if kind in versions.dtypes else versions.payload(stored)
