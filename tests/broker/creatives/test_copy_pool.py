"""The pool of copy on a real broker: filled by the one command for what was asked for, served, looked at,
rejected, and retired when its row changes."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from agents.pool.reading import read_revocations
from agents.run_commands import cli
from streams import records as r
from streams.artifacts.catalog_version import changes_of
from streams.artifacts.kinds import artifact_key
from streams.topics import ARTIFACT, COPY, CREATIVE, GENERATION, REQUEST
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from tests.faults.cluster import Cluster, cluster, ready, small_catalogue
from tests.faults.test_kill_generator import MODULE, request

pytestmark = [pytest.mark.broker]

ASKED = 30
ITEMS = 6
FILL = ("copy", "fill", "--limit", str(ITEMS), "--campaign", "c0", "--copies", "1", "--drafts", "3")
WITHIN_S = 15.0
OWN = {
    "SHIFTCAST_COPYWRITER": "model",
    "SHIFTCAST_POOL_CORE_SHARE": "0",
    "SHIFTCAST_POOL_BAR": "0.1",
}
"""The words of this catalogue mean nothing: the judge's own bar is for real ones."""


def typed(place: Cluster, *words: str) -> Any:
    """What a command prints as JSON."""
    env = {"KAFKA_BROKER": place.settings.broker, **OWN}
    done = CliRunner().invoke(cli, [*words, "--json"], env=env)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_copy_is_written_ahead_served_rejected_and_retired(tmp_path: Path) -> None:
    with cluster(tmp_path) as place:

        async def story() -> None:
            worker = place.worker("g1", MODULE, **OWN)
            await ready(worker)
            assert (await answers(place, 0))["pool"] == 0, "nothing is in it"
            file = tmp_path / "copy.jsonl.gz"
            [filled] = await asyncio.to_thread(typed, place, *FILL, "--out", str(file))
            assert filled["written"] == filled["entries"] > 30 and filled["items"] == ITEMS
            assert filled["campaigns"] == {"c0": filled["entries"]}
            kept = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
            assert len(kept) == filled["entries"]
            [again] = await asyncio.to_thread(typed, place, *FILL)
            assert again["written"] < filled["written"] / 4, "what is there is not written again"

            after = await answers(place, ASKED)
            assert after["pool"] > ASKED / 3, after
            served = await newest_of_pool(place)
            [shown] = await asyncio.to_thread(typed, place, "copy", "show", served.copy_id or "")
            assert shown["copy"]["headline"] == served.copy.headline
            assert shown["status"] == "judged" and shown["sources"]
            await asyncio.to_thread(typed, place, "copy", "reject", served.copy_id or "", "--by", "ana")
            listed = await asyncio.to_thread(
                typed, place, "copy", "list", "--status", "rejected", "--limit", "9"
            )
            assert [each["copy_id"] for each in listed] == [served.copy_id]
            await answers(place, 2 * ASKED)
            late = [
                each
                for each in await creatives(place)
                if each.copy_id == served.copy_id and each.created > listed[0]["decided"] + 2_000
            ]
            assert late == []
            await asyncio.to_thread(typed, place, "copy", "approve", served.copy_id or "", "--by", "ana")
            said = (await read_revocations(place.settings)).get("copy", served.copy_id or "")
            assert said is not None and not said.lasting
            [approved] = await asyncio.to_thread(typed, place, "copy", "list", "--status", "approved")
            assert (approved["copy_id"], approved["by"]) == (served.copy_id, "ana")
            await row_changes(place, served.item_id or "")

        asyncio.run(story())


async def answers(place: Cluster, first: int) -> Counter[Any]:
    """Ask for one interest; where the copy of the creatives came from."""
    now_ms = int(time.time() * 1_000)
    asked = [request(24 * (first + n) + 1_000_001, f"u{first + n}", now_ms) for n in range(ASKED)]
    asked = [msgspec.structs.replace(each, vector=asked[0].vector, top=asked[0].top) for each in asked]
    before = len(await creatives(place))
    await place.send([asked_for(each, now_ms) for each in asked])
    wanted = {each.request_id for each in asked}
    async with asyncio.timeout(120):
        while not wanted <= await ended(place):
            await asyncio.sleep(0.3)
    made = (await creatives(place))[before:]
    return Counter(each.source or "template" for each in made)


def asked_for(request: r.CreativeRequest, now_ms: int) -> Output:
    stamped = headers(REQUEST.ce_type, request.request_id, now_ms)
    return Output(REQUEST.name, request.user.encode(), encode(request), None, stamped)


async def ended(place: Cluster) -> set[str]:
    return {
        msgspec.json.decode(each.value, type=r.GenerationResult).request_id
        for each in await place.read(GENERATION.name)
    }


async def creatives(place: Cluster) -> list[r.Creative]:
    """Of requests, in the order they were made."""
    found = [
        msgspec.json.decode(each.value, type=r.Creative)
        for each in await place.read(CREATIVE.name)
        if each.value
    ]
    return sorted((each for each in found if each.request_id), key=lambda each: each.created)


async def newest_of_pool(place: Cluster) -> r.Creative:
    return next(each for each in reversed(await creatives(place)) if each.source == "pool")


async def row_changes(place: Cluster, item_id: str) -> None:
    """Another price: all copy of the item is withdrawn in time, that of others stays."""
    old = small_catalogue()
    row = old.index[item_id]
    dearer = replace(old.items[row], price_minor=123_400)
    new = replace(old, items=(*old.items[:row], dearer, *old.items[row + 1 :]))
    before = await standing(place)
    mine = {key for key, each in before.items() if each.item_id == item_id}
    assert mine and before.keys() - mine
    await place.send(
        [Output(ARTIFACT.name, artifact_key(each).encode(), encode(each)) for each in changes_of(old, new)]
    )
    async with asyncio.timeout(WITHIN_S):
        while mine & (await standing(place)).keys():
            await asyncio.sleep(0.2)
    assert (await standing(place)).keys() == before.keys() - mine


async def standing(place: Cluster) -> dict[bytes, r.CopyEntry]:
    """What the topic of the pool holds."""
    found: dict[bytes, r.CopyEntry] = {}
    for each in await place.read(COPY.name):
        found.pop(each.key, None)
        if each.value:
            found[each.key] = msgspec.json.decode(each.value, type=r.CopyEntry)
    return found
