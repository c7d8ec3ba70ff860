"""The whole way round: a creative is looked up, shown in a real browser, seen and clicked there; what the
browser called stands on the topics, the profile counts it, once, and so does the creative's metric."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from agents.creatives.collected import collected_of
from agents.creatives.publication import creative_output
from models.beacon.address import Collector
from models.campaigns import Campaign
from streams import records as r
from streams.topics import CLICK, CONSENT, CREATIVE_METRIC, IMPRESSION, OUTCOME
from streams.wire.output import Output
from tests.agents.collecting.beacons import KEY, SEAL
from tests.collector_server import CollectorServer
from tests.faults.cluster import Cluster, cluster, ready
from tests.faults.crowd import ALL_PURPOSES, body
from tests.lookup_server import LookupServer
from tests.server_process import ServerProcess
from tests.stories.in_browser.page import CHROMIUM, Page, page
from tests.stories.in_browser.tls_site import Site, site

pytestmark = [
    pytest.mark.broker,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: package chromium)"),
]
USER, CREATIVE_ID, SLOT = "u-1", "cr_00112233445566aa", "banner_300x250"
HOSTS = ("collect.example", "shop.example", "news.example")
PATIENCE_S = 90.0


def published(port: int, now_ms: int) -> r.Creative:
    link = f"https://shop.example:{port}/p/1?x=%20y&z=1"
    campaign = Campaign(
        "c0", 1, "active", "Stridewell", collector=Collector(f"https://collect.example:{port}", SEAL)
    )
    ids = {
        "CREATIVE_ID": CREATIVE_ID, "CAMPAIGN_ID": "c0", "TEMPLATE_ID": "t2", "ITEM_ID": "i1", "SLOT": SLOT,
    }  # fmt: skip
    collected = collected_of(campaign, ids, USER, link, now_ms + 3_600_000)
    return r.Creative(
        CREATIVE_ID, "t2", "c0", r.Advertiser("Stridewell", ["shop.example"]),
        r.Audience("user", f"u:{USER}"), SLOT, "en", 1, now_ms, now_ms + 3_600_000,
        r.CopyText("Boots for wet rock", "Grip for wet rock.", "Shop now", "Stridewell"),
        r.Link(link, None, collected.click_trackers, "", collected.redirect), r.Audit(3),
        r.Provenance("human_edits"), r.CreativeReason("interest_shift"), item_id="i1",
        trackers=collected.trackers, experiment=r.CreativeExperiment("direct|t2", 1.0, "p1"),
    )  # fmt: skip


async def shown_and_clicked(browser: Page, port: int) -> str:
    """The address that the click on the publisher's page ended at."""
    await browser.visit(f"https://news.example:{port}/ad", 300, 250)
    await browser.evaluate(
        "document.querySelector('a').target = '_self'; document.querySelector('a').click()"
    )
    async with asyncio.timeout(PATIENCE_S):
        while len(browser.told("Page.loadEventFired")) < 2:
            await asyncio.sleep(0.05)
    return str(await browser.evaluate("location.href"))


def called(browser: Page) -> list[int]:
    """Statuses of the trackers' answers; those that lead on are told with the next request."""
    answers = [each["response"] for each in browser.told("Network.responseReceived")]
    led = [
        each["redirectResponse"]
        for each in browser.told("Network.requestWillBeSent")
        if "redirectResponse" in each
    ]
    return [each["status"] for each in (*answers, *led) if "/v1/beacon/" in each["url"]]


async def counts(place: Cluster) -> dict[str, int]:
    """The newest of each window, of the creative's campaign, summed over what it may be cut into."""
    newest: dict[bytes, dict[str, Any]] = {}
    for record in await place.read(OUTCOME.name):
        newest[record.key] = orjson.loads(record.value)
    minutes = [each for key, each in newest.items() if b"|c0|" in key]
    return {
        name: max((each["counts"].get(name, 0) for each in minutes), default=0)
        for name in ("impressions", "clicks")
    }


async def measured(place: Cluster) -> dict[str, int]:
    """What the newest metrics of the creative's campaign say of its life, summed over segments."""
    newest: dict[bytes, r.CreativeMetric] = {}
    for record in await place.read(CREATIVE_METRIC.name):
        newest[record.key] = msgspec.json.decode(record.value, type=r.CreativeMetric)
    own = [each for each in newest.values() if each.window_s == 0 and each.template_id == "t2"]
    return {
        "impressions": sum(each.counts.impressions for each in own),
        "clicks": sum(each.counts.clicks for each in own),
    }


async def until(found: Callable[[], Awaitable[dict[str, int]]]) -> None:
    """One showing and one click are counted."""
    deadline = time.monotonic() + PATIENCE_S
    while (counted := await found()) != {"impressions": 1, "clicks": 1}:
        assert time.monotonic() < deadline, counted
        await asyncio.sleep(0.5)


async def round_trip(place: Cluster, front: Site, folder: Path, servers: list[ServerProcess]) -> None:
    now_ms = time.time_ns() // 1_000_000
    creative = published(front.port, now_ms)
    agreed = body(USER, now_ms - 86_400_000, explicit=ALL_PURPOSES)
    key = f"u:{USER}|c0|{SLOT}"
    await place.send(
        [
            Output(CONSENT.name, USER.encode(), agreed),
            creative_output(key, creative, place.settings.partitions, now_ms),
        ]
    )
    await place.caught_up()
    collector = await asyncio.to_thread(
        CollectorServer, place.settings, folder / "collected", folder / "collect.log",
        SHIFTCAST_COLLECT_PROXIES="1",
    )  # fmt: skip
    servers.append(collector)
    lookup = await asyncio.to_thread(
        LookupServer, place.settings, folder / "serve.log", SHIFTCAST_COLLECT_KEYS=KEY
    )
    servers.append(lookup)
    front.collector_port = collector.port
    asked = f"/v1/creative?user={USER}&slot={SLOT}&campaign=c0"
    front.ad = (await asyncio.to_thread(lookup.ask, asked, Accept="text/html")).body.decode()
    async with page(folder / "profile", *HOSTS) as browser:
        for _ in range(2):  # the same markup again is the same showing
            assert await shown_and_clicked(browser, front.port) == creative.link.url
            assert sorted(called(browser)) == [200, 302]
    while await asyncio.to_thread(collector.metric, "shiftcast_collect_waiting"):
        await asyncio.sleep(0.1)
    impressions, clicks = await place.read(IMPRESSION.name), await place.read(CLICK.name)
    assert len(impressions) == len(clicks) == 2
    seen, went = (msgspec.json.decode(each[0].value) for each in (impressions, clicks))
    assert seen["user"] == USER and went["imp_id"] == seen["id"]
    assert seen["device"]["devicetype"] == 2
    await place.caught_up()
    await until(partial(counts, place))
    await until(partial(measured, place))


def test_what_a_browser_shows_and_clicks_is_counted_once(tmp_path: Path) -> None:
    servers: list[ServerProcess] = []

    async def run(place: Cluster) -> None:
        await ready(place.worker("w1", SHIFTCAST_CLICK_TOO_FAST_MS="0"))
        await ready(place.worker("f1", "agents.measure_feedback"))
        async with site(tmp_path, *HOSTS) as front:
            await round_trip(place, front, tmp_path, servers)

    try:
        with cluster(tmp_path) as place:
            asyncio.run(run(place))
    finally:
        for each in servers:
            each.kill()
