"""The profile worker is killed at every step of a flush while exposures settle; each is told, under one id,
as it was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from streams import records as r
from streams.artifacts.kinds import artifact_key
from streams.artifacts.shared import SharedCreative, shared_record
from streams.lane.fail_point import FAIL_STEPS
from streams.topics import ARTIFACT, BEHAVIOR, CLICK, EXPOSURE, IMPRESSION, TopicSpec
from streams.wire.codecs import encode
from streams.wire.output import Output
from tests.faults.cluster import CAMPAIGNS, Cluster, cluster, ready
from tests.faults.crowd import body, hand_over

pytestmark = [pytest.mark.broker, pytest.mark.faults]

USERS, SHOWN = 30, 30
"""More exposures than a row holds: some are told as they leave, the others as their window closes."""
CLICKED_EACH = 6
"""No more clicks of a user than his row keeps while they wait for their exposures."""
CREATIVE = "cr_00000000000000b1"
APART_MS = 1_000
MEASURED = {"profile": False, "personalise": False, "measure": True, "train": False}
Made = tuple[TopicSpec, str, bytes]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


def events(start_ms: int, first: int, last: int) -> Iterator[Made]:
    """Impressions `first` to `last` of every user; one in CLICKED_EACH is clicked half a second later."""
    for n in range(first, last):
        for who in range(USERS):
            user, ts = f"x{who}", start_ms + n * APART_MS + who
            named = {
                "creative_id": CREATIVE,
                "campaign_id": CAMPAIGNS[0],
                "slot": "native",
                "explicit": MEASURED,
            }
            yield IMPRESSION, user, body(user, ts, id=f"i{n}", **named)
            if n % CLICKED_EACH == 0:
                yield CLICK, user, body(user, ts + 500, id=f"k{n}", imp_id=f"i{n}", explicit=MEASURED)


def test_every_exposure_is_told_under_one_id_whatever_dies(place: Cluster) -> None:
    partitions, each = place.settings.partitions, SHOWN // len(FAIL_STEPS) + 1
    start_ms = int(time.time() * 1000) - SHOWN * APART_MS
    shared = SharedCreative(
        CREATIVE, CAMPAIGNS[0], "native", "1", "t1", "plain|t1", 0.5, start_ms + 86_400_000
    )
    record = shared_record(f"s:1|{CAMPAIGNS[0]}|native", shared)
    windows = {"SHIFTCAST_ATTRIBUTION_CLICK_S": "8", "SHIFTCAST_SETTLE_LATE_S": "0"}

    async def story() -> None:
        await place.send([Output(ARTIFACT.name, artifact_key(record).encode(), encode(record))])
        worker = place.worker("w1", **windows)
        for n, step in enumerate(FAIL_STEPS):
            part = range(n * each, min(SHOWN, (n + 1) * each))
            worker.env["SHIFTCAST_FAIL_POINT"] = step
            async with place.producer() as producer:
                await hand_over(producer, events(start_ms, part.start, part.stop), partitions)
            worker.start()
            assert await asyncio.to_thread(worker.wait_gone) == -9, worker.said()[-3000:]
        del worker.env["SHIFTCAST_FAIL_POINT"]
        await ready(worker)
        await place.caught_up()
        told = await all_told(place)
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        check(told, start_ms)

    asyncio.run(story())


async def all_told(place: Cluster) -> list[r.Exposure]:
    """Everything on the topic, once as many exposures are there as there were impressions: event time goes
    on by what somebody else does."""
    deadline = time.monotonic() + 120
    while True:
        now_ms = int(time.time() * 1000)
        async with place.producer() as producer:
            names = [f"other{n}" for n in range(40)]
            others = ((BEHAVIOR, name, body(name, now_ms, id=f"b{now_ms}", type="page")) for name in names)
            await hand_over(producer, others, place.settings.partitions)
        told = [msgspec.json.decode(e.value, type=r.Exposure) for e in await place.read(EXPOSURE.name)]
        if len({each.exposure_id for each in told}) >= USERS * SHOWN:
            return told
        assert time.monotonic() < deadline, f"{len({each.exposure_id for each in told})} of {USERS * SHOWN}"
        await asyncio.sleep(2)


def check(told: list[r.Exposure], start_ms: int) -> None:
    last = {each.exposure_id: each for each in told}
    shown = {(f"x{who}", start_ms + n * APART_MS + who): n for n in range(SHOWN) for who in range(USERS)}
    assert sorted(shown) == sorted((each.user, each.ts) for each in last.values())
    ids = {(each.user, each.ts, each.exposure_id) for each in told}
    assert len(ids) == len(shown), "one id per impression, however often it was told"
    complete = [each for each in last.values() if each.settled == "complete"]
    assert len(complete) >= USERS
    invented = [each for each in complete if each.clicked and shown[each.user, each.ts] % CLICKED_EACH]
    missed = [each for each in complete if not each.clicked and shown[each.user, each.ts] % CLICKED_EACH == 0]
    assert not invented and not missed, f"{len(invented)} and {len(missed)} of {len(complete)}"
    print(f"{len(told)} records of {len(last)} exposures, {len(complete)} of them complete")
