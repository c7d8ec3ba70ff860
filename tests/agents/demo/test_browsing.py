"""Simulated users tell by trackers what they see and click: the ids by which the truth is compared are the
collector's, and what no tracker tells is sent as before."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import msgspec

from agents.demo.browsing import Browsing
from agents.demo.wire import shown_creative_of
from models.world.traffic import Act
from streams import records as r
from tests.agents.collecting.beacons import SEAL
from tests.agents.collecting.test_server import Place
from tests.agents.creatives.test_collected import everyones, made
from tests.agents.demo.test_trial import crowd


def acts(creative: r.Creative) -> list[Act]:
    item = next(iter(crowd().traffic.by_id.values()))
    shown = shown_creative_of(creative, item.category)
    seen = Act("impression", "s1-i1", "u7", 1, item, "native", 1, "DEU", 60, shown=shown)
    return [
        seen,
        replace(seen, kind="click", id="s1-c1", imp_id="s1-i1", positive=3),
        replace(seen, kind="conversion", id="s1-v1", imp_id="s1-i1", shown=None),
    ]


def test_the_truth_has_the_ids_that_the_collector_writes(tmp_path: Path) -> None:
    async def run(creative: r.Creative) -> None:
        async with Place(tmp_path).up() as place:
            browsing = Browsing(place.port, SEAL)
            await browsing.start()
            browsing.know(creative)
            told = [browsing.as_told(each) for each in acts(creative)]
            assert [await browsing.tell(each) for each in acts(creative)] == [True, True, False]
            await browsing.stop()
            seen, clicked = (msgspec.json.decode(each.value) for each in place.buffer.waiting(9))
            assert [told[0].id, told[1].id] == [seen["id"], clicked["id"]]
            assert told[1].imp_id == told[2].imp_id == clicked["imp_id"] == seen["id"]
            assert told[2].id == "s1-v1" and told[1].positive == 3
            assert browsing.answers == {200: 1, 302: 1}

    asyncio.run(run(made(user="u7", trackers=())))
    asyncio.run(run(everyones()))


def test_a_creative_without_trackers_of_ours_is_told_of_as_before() -> None:
    browsing = Browsing(1, SEAL)
    plain = msgspec.structs.replace(made(trackers=()), trackers=[], link=r.Link("https://shop.example/"))
    browsing.know(plain)
    assert [browsing.as_told(each) for each in acts(plain)] == acts(plain)
    assert not asyncio.run(browsing.tell(acts(plain)[0]))
