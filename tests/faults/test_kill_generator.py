"""The generator is killed between creative, result and commit, and at any time; each request is answered once
by id."""

from __future__ import annotations

import asyncio
import base64
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from streams import records as r
from streams.topics import CREATIVE, GENERATION, REQUEST
from streams.wire.codecs import encode, headers
from streams.wire.ids import creative_id
from streams.wire.partition import partition
from tests.faults.cluster import Cluster, cluster, ready, small_catalogue
from tests.seed import run_seed

pytestmark = [pytest.mark.broker, pytest.mark.faults]

MODULE = "agents.generate_creatives"
STEPS = ("creatives_acked", "ending_acked", "committed")
AT_STEPS = 2 * len(STEPS)
OUTSIDE = 3
PER_S = 60
WRITTEN = {"model", "template"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


def request(number: int, user: str, now_ms: int, interest: int | None = None) -> r.CreativeRequest:
    """What the profile agent would ask, of an interest in the item of some row."""
    catalog = small_catalogue()
    row = (number if interest is None else interest) % len(catalog.items)
    code = catalog.code_names[int(catalog.codes[row])]
    return r.CreativeRequest(
        request_id=f"rq_{number:016x}",
        user=user,
        n_trig=number,
        cause=r.Cause(f"e{number}", now_ms, "ads.click.v1"),
        deadline=now_ms + 60_000,
        trigger=r.Trigger("shift", 4.2, [r.Weighted(code, 0.8)]),
        vector=base64.b64encode(catalog.vectors[row].astype("<f2").tobytes()).decode(),
        top=[r.Weighted(code, 0.8)],
        catalog_version=catalog.version,
        context=r.RequestContext(slots=["native", "banner_300x250"]),
        consent=r.Explicit(profile=True, personalise=True),
    )


async def ask(
    producer: AIOKafkaProducer,
    partitions: int,
    asked: list[str],
    until: asyncio.Event,
    per_s: float = PER_S,
    interest: int | None = None,
) -> None:
    """Requests until told to stop: some users ask again, and a profile worker that replays sends a request
    twice."""
    rng, sent = random.Random(run_seed()), list[r.CreativeRequest]()
    while not until.is_set():
        now_ms = int(time.time() * 1000)
        user = rng.choice(sent[-20:]).user if sent and rng.random() < 0.1 else f"u{len(sent)}"
        sent.append(request(len(sent) + 1, user, now_ms, interest))
        asked.append(sent[-1].request_id)
        for each in (sent[-1], *([rng.choice(sent[-30:])] if rng.random() < 0.1 else [])):
            where = partition(each.user.encode(), partitions)
            await producer.send(
                REQUEST.name,
                encode(each),
                each.user.encode(),
                where,
                headers=headers(REQUEST.ce_type, each.request_id, now_ms),
            )
        await asyncio.sleep(1 / per_s)


def test_each_request_is_answered_once_after_nine_kills(place: Cluster) -> None:
    async def story() -> None:
        worker, stop, asked = place.worker("g1", MODULE), asyncio.Event(), list[str]()
        async with place.producer() as producer:
            input_ = asyncio.ensure_future(ask(producer, place.settings.partitions, asked, stop))
            for n in range(AT_STEPS):
                step = STEPS[n % len(STEPS)]
                worker.env["SHIFTCAST_FAIL_POINT"] = f"{step}:{1 if step == 'committed' else 2 + n}"
                worker.start()
                assert await asyncio.to_thread(worker.wait_gone) == -9, worker.said()[-3000:]
            del worker.env["SHIFTCAST_FAIL_POINT"]
            for n in range(OUTSIDE):
                await ready(worker)
                await asyncio.sleep(0.4 + n * 0.3)
                worker.kill()
            stop.set()
            await input_
        await ready(worker)
        await place.caught_up(MODULE)
        assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        statuses = await verdict(place, asked)
        assert statuses["superseded"] > 0

    asyncio.run(story())


async def verdict(place: Cluster, asked: list[str]) -> Counter[str]:
    """One ending per request; creatives as the endings say; what is there twice is there with the same copy.
    Returns how they ended."""
    endings: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
    results = [
        msgspec.json.decode(each.value, type=r.GenerationResult) for each in await place.read(GENERATION.name)
    ]
    for each in results:
        endings[each.request_id].add((each.status, tuple(each.creative_ids)))
    assert endings.keys() == set(asked)
    assert {id for id, ways in endings.items() if len(ways) != 1} == set(), (
        "one status and one set of creatives per request"
    )

    copies: dict[str, set[bytes]] = defaultdict(set)
    published = [
        msgspec.json.decode(each.value, type=r.Creative)
        for each in await place.read(CREATIVE.name)
        if each.value
    ]
    mine = [each for each in published if each.request_id]
    for made in mine:
        assert made.creative_id == creative_id(made.request_id or "", made.campaign_id, made.slot)
        copies[made.creative_id].add(encode(made.copy))
    assert {id for id, texts in copies.items() if len(texts) != 1} == set()
    promised = [id for ways in endings.values() for _, ids in ways for id in ids]
    assert set(promised) == copies.keys() and len(promised) == len(copies)
    statuses = Counter(status for ways in endings.values() for status, _ in ways)
    assert statuses.keys() <= WRITTEN | {"superseded"}
    print(
        f"{len(asked)} requests: {dict(statuses)}; "
        f"{len(results) - len(endings)} endings and {len(mine) - len(copies)} creatives sent again"
    )
    return statuses
