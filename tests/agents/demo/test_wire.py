"""Simulated acts as records that the codec takes, and the files that the demo loads."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from agents.demo.wire import AGREES_TO_ALL, consent_of, record_of
from models.world.ad_server import ShownCreative
from models.world.traffic import Traffic, TrafficPlan
from streams import topics
from streams.loud_end import RefusedError
from streams.mapping.catalog_items import item_of
from streams.records import Campaign, CatalogItem, Click, Conversion, Impression, Record
from streams.topics import TopicSpec
from streams.wire.codecs import WireLimits, decode
from streams.wire.record_files import read_lines

DATA = Path(__file__).parents[3] / "deploy/demo"
NOW_MS = 1_800_000_000_000


def taken(spec: TopicSpec, record: Record, key: str) -> Record | None:
    """What the stream makes of a record as it is sent."""
    return decode(spec, msgspec.json.encode(record), key.encode(), [], NOW_MS, WireLimits())


def test_every_act_is_a_record_the_stream_takes() -> None:
    items = [item_of(record) for record in read_lines(DATA / "catalog.jsonl", CatalogItem)]
    traffic = Traffic(items, TrafficPlan(users=20, live_positives=20), np.random.default_rng(1))
    acts = traffic.history(NOW_MS)
    for user, visitor in traffic.visitors.items():
        shown = ShownCreative("cr_1", "c-home", "t", items[0].item_id, items[0].category, visitor.slot)
        traffic.ads.show(user, "c-home", visitor.slot, shown)
    for n in range(400):
        acts += traffic.visit(NOW_MS + n)
    kinds = set()
    for act in acts:
        spec, record = record_of(act, AGREES_TO_ALL)
        assert taken(spec, record, act.user) == record
        kinds.add((spec.name, act.kind))
    assert kinds >= {
        ("ads.impression.v1", "impression"), ("ads.click.v1", "click"), ("ads.conversion.v1", "conversion"),
        ("ads.behavior.v1", "cart"), ("ads.behavior.v1", "dwell"),
    }  # fmt: skip


def test_clicks_and_sales_name_what_was_shown() -> None:
    item = item_of(
        CatalogItem("i1", "Red Boots", "https://shop.example", price=49.5, cur="GBP", cat=["boots"])
    )
    traffic = Traffic([item], TrafficPlan(users=1, live_positives=9), np.random.default_rng(3))
    [user] = traffic.visitors
    slot = traffic.visitors[user].slot
    traffic.ads.show(user, "c-1", slot, ShownCreative("cr_1", "c-1", "t-1", "i1", "boots", slot))
    records = [record_of(act)[1] for n in range(400) for act in traffic.visit(NOW_MS + n)]
    assert all(
        r.creative_id == "cr_1" and r.template_id == "t-1" and r.slot == slot
        for r in records
        if isinstance(r, Impression)
    )
    assert any(
        r.creative_id == "cr_1" and r.imp_id and r.campaign_id == "c-1"
        for r in records
        if isinstance(r, Click)
    )
    sales = [r for r in records if isinstance(r, Conversion)]
    assert sales and all((r.value, r.cur, r.items[0].item_id) == (49.5, "GBP", "i1") for r in sales)


def test_consent_is_for_all_purposes_and_taken() -> None:
    spec, record = consent_of("u1", NOW_MS)
    assert spec is topics.CONSENT and taken(spec, record, "u1") == record


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"item_id":"a","title":"A","url":"https://a.example"}\n{"item_id":1}\n')
    with pytest.raises(RefusedError, match=r"items\.jsonl, line 2: "):
        read_lines(path, CatalogItem)
    path.write_bytes('{"item_id":"a","title":"Café","url":"https://a.example"}\n'.encode("latin-1"))
    with pytest.raises(RefusedError, match=r"items\.jsonl, line 1: byte 0xe9 is not UTF-8") as caught:
        read_lines(path, CatalogItem)
    assert "\n" not in str(caught.value)
    with pytest.raises(RefusedError, match="No such file"):
        read_lines(tmp_path / "none.jsonl", CatalogItem)


def test_the_demo_catalogue_is_taken_whole() -> None:
    items = read_lines(DATA / "catalog.jsonl", CatalogItem)
    assert 600 <= len(items) == len({item.item_id for item in items})
    for item in items:
        assert taken(topics.CATALOG, item, item.item_id) == item
        assert item.noun and item.noun in item.title.casefold()
        assert item_of(item).price_minor and item.url.startswith("https://shop.example/")
    leaves = [item.cat[0] for item in items]
    assert 20 <= len(set(leaves)) <= 64 and min(leaves.count(leaf) for leaf in set(leaves)) >= 5


def test_the_demo_campaigns_cover_the_whole_catalogue() -> None:
    campaigns = read_lines(DATA / "campaigns.jsonl", Campaign)
    offered = {cat for campaign in campaigns for cat in campaign.items.cat}
    assert all(offered & set(item.cat) for item in read_lines(DATA / "catalog.jsonl", CatalogItem))
    for campaign in campaigns:
        assert taken(topics.CAMPAIGN, campaign, campaign.campaign_id) == campaign
        assert {template.slot for template in campaign.templates} == set(campaign.slots)
        assert all(template.audit == 3 for template in campaign.templates)
