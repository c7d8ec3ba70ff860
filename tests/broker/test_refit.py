"""A new catalogue version arrives while events do: nothing stops, nothing is lost, profiles of both versions
are served."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.catalog.space.coclicks import LEAST_POSITIVES
from models.interest.profile import PROFILE
from streams import records as r
from streams.rows.sparse_rows import unpacked_bytes
from streams.topics import CLICK, GENERATION
from tests.faults.cluster import Cluster, cluster, ready, small_catalogue
from tests.faults.counted import check_counters
from tests.faults.crowd import ALL_PURPOSES, BEGUN_MS, Crowd, Made, body, flow, hand_over
from tests.faults.verdict import check_users, decoded, oracles_of, run_of
from tests.seed import run_seed
from tests.workers import ROOT, Worker, counted

pytestmark = [pytest.mark.broker]

SHOPPERS = 60


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


def items_file(folder: Path) -> Path:
    """The items of version 1, and ten more, as `shiftcast index --load` takes them."""
    known = [
        r.CatalogItem(i.item_id, i.title, i.url, cat=list(i.categories), noun=i.noun, price=19.99, cur="EUR")
        for i in small_catalogue().items
    ]
    more = [msgspec.structs.replace(known[n], item_id=f"new{n}") for n in range(10)]
    file = folder / "items.jsonl"
    file.write_bytes(b"\n".join(msgspec.json.encode(each) for each in [*known, *more]))
    return file


def shoppers(now_ms: int) -> Iterator[Made]:
    """Enough clicks of a few users for vectors of who clicks what together."""
    kinds: dict[str, list[str]] = {}
    for item in small_catalogue().items:
        kinds.setdefault(item.categories[0], []).append(item.item_id)
    wanted = list(kinds.values())
    for n in range(SHOPPERS):
        taste = [*wanted[n % len(wanted)], *wanted[(n + 7) % len(wanted)]]
        for k, item_id in enumerate(taste):
            fields = {"explicit": ALL_PURPOSES} if k == 0 else {}
            ts = now_ms - BEGUN_MS + k * 600_000
            yield CLICK, f"shopper{n}", body(f"shopper{n}", ts, id=f"n{n}-{k}", item_id=item_id, **fields)


async def applies(worker: Worker, more: int) -> None:
    """Until it has taken so many records more."""
    wanted = counted(worker, "shiftcast_records_total") + more
    await asyncio.to_thread(
        worker.wait_for, lambda: counted(worker, "shiftcast_records_total") >= wanted, 90, "takes nothing"
    )


def test_refit_under_load(place: Cluster) -> None:
    async def story() -> None:
        crowd, stop, partitions = Crowd(run_seed(), active=30), asyncio.Event(), place.settings.partitions
        worker = place.worker("w1")
        async with place.producer() as producer:
            now_ms = int(time.time() * 1000)
            await hand_over(producer, crowd.agreements(now_ms), partitions)
            await hand_over(producer, shoppers(now_ms), partitions)
        await ready(worker)
        await place.caught_up()
        async with place.producer() as producer:
            input_ = asyncio.ensure_future(flow(producer, crowd, partitions, stop, 500))
            await applies(worker, 1_000)
            assert await refit(place) == 2
            await asyncio.to_thread(
                worker.wait_for,
                lambda: "Catalogue version 2" in worker.said(),
                30,
                "does not follow the new version",
            )
            await applies(worker, 1_000)
            stop.set()
            await input_
        await place.caught_up()
        for _ in range(2):  # a second start sends the outcomes that the last second owed
            if not worker.alive():
                await ready(worker)
            assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
        run = await run_of(place)
        oracles = oracles_of(run)
        check_counters(run.lanes, run.outcomes, *oracles)
        check_users(run, *oracles)
        profiles = [
            np.frombuffer(unpacked_bytes(value), PROFILE)[0]
            for key, value in run.rows.items()
            if key[:1] == b"p"
        ]
        kept = Counter(int(row["head"]["catalog_version"]) for row in profiles)
        requests = {each.request_id: each.catalog_version for each in decoded(run)}
        assert kept[1] > 0 < kept[2] and set(requests.values()) == {1, 2}

        generator = place.worker("g1", "agents.generate_creatives")
        await ready(generator)
        await place.caught_up("agents.generate_creatives")
        assert await asyncio.to_thread(generator.terminate) == 0, generator.said()[-3000:]
        endings = [
            msgspec.json.decode(each.value, type=r.GenerationResult)
            for each in await place.read(GENERATION.name)
        ]
        served = Counter((requests[each.request_id], each.status) for each in endings)
        assert {each.request_id for each in endings} == requests.keys()
        assert {status for _, status in served} <= {"model", "template", "superseded"}
        assert {version for version, status in served if status != "superseded"} == {1, 2}
        print(f"profiles by version {dict(kept)}, requests served {dict(served)}")

    asyncio.run(story())


async def refit(place: Cluster) -> int:
    """`shiftcast index --refit` as an operator types it; the version it made."""
    env = {
        "KAFKA_BROKER": place.settings.broker,
        "SHIFTCAST_PARTITIONS": str(place.settings.partitions),
        "PYTHONPATH": str(ROOT),
    }
    command = (
        "-m",
        "agents.run_commands",
        "index",
        "--load",
        str(items_file(place.folder)),
        "--refit",
        "--json",
    )
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=env, cwd=place.folder, stdout=pipe, stderr=pipe
    )
    out, error = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 0, error.decode()
    made = json.loads(out)
    assert made["positives"] >= LEAST_POSITIVES, "who clicks what together counts"
    return int(made["version"])
