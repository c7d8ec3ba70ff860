"""Shared creatives: no slot is blank, nothing is published twice for nothing, what ended is withdrawn."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence

from agents.creatives.reference import GeneratorReference
from agents.shelf import sharing
from agents.shelf.shelves import Shelves
from models.campaigns import Campaign
from models.choice.matching import Matcher
from models.rules import load_rules
from streams import records as r
from streams import topics
from streams.wire.artifacts import records_of
from streams.wire.codecs import WireLimits, decode
from streams.wire.output import Output
from streams.wire.partition import partition
from tests.agents.creatives.generation_fixtures import CAMPAIGN, NOW_MS, catalog

HOUR_MS = 3_600_000


def wanted(campaign: Campaign) -> dict[str, sharing.Shared]:
    return {each.key: each for each in sharing.wanted(Matcher(catalog(), [campaign]), lambda _: True, NOW_MS)}


def test_every_slot_has_a_default_and_a_cluster_only_where_another_item_suits_it_better() -> None:
    found = wanted(CAMPAIGN)
    assert {"d|c1|native", "d|c1|banner_300x250"} <= set(found)
    defaults = found["d|c1|native"].item.item_id
    clusters = {
        key: each.item.item_id
        for key, each in found.items()
        if key.startswith("s:") and each.slot == "native"
    }
    assert clusters
    assert defaults not in clusters.values()


def test_place_cells_exist_only_for_campaigns_that_target_countries() -> None:
    assert not [key for key in wanted(CAMPAIGN) if "-deu-" in key]
    cells = [
        key for key in wanted(dataclasses.replace(CAMPAIGN, geo=("DEU",), devices=(4,))) if "-deu-" in key
    ]
    assert sorted(cells) == sorted(
        f"s:phone-deu-{part}|c1|{slot}"
        for part in ("night", "morning", "afternoon", "evening")
        for slot in ("native", "banner_300x250")
    )


def test_an_ended_campaign_or_one_of_another_worker_wants_nothing() -> None:
    assert wanted(dataclasses.replace(CAMPAIGN, status="ended")) == {}
    assert not list(sharing.wanted(Matcher(catalog(), [CAMPAIGN]), lambda _: False, NOW_MS))


def test_the_id_changes_with_the_campaigns_version_alone() -> None:
    first, again = wanted(CAMPAIGN)["d|c1|native"], wanted(CAMPAIGN)["d|c1|native"]
    newer = wanted(dataclasses.replace(CAMPAIGN, version=4))["d|c1|native"]
    assert first.creative_id == again.creative_id != newer.creative_id


def test_it_is_published_when_new_changed_or_a_day_old() -> None:
    shared = wanted(CAMPAIGN)["d|c1|native"]
    made = sharing.published(shared, load_rules, NOW_MS)
    assert made is not None
    record, standing = made
    assert (record.audience, record.provenance.digital_source_type) == (
        r.Audience("default", "d"),
        "human_edits",
    )
    assert sharing.publication_due(shared, None, NOW_MS)
    assert not sharing.publication_due(shared, standing, NOW_MS + 23 * HOUR_MS)
    assert sharing.publication_due(shared, standing, NOW_MS + 24 * HOUR_MS)
    assert sharing.publication_due(
        wanted(dataclasses.replace(CAMPAIGN, version=4))["d|c1|native"], standing, NOW_MS
    )


class Shelf:
    """Shelves over reference data that arrive as records; what is sent comes back as a follower would bring
    it."""

    def __init__(self) -> None:
        self.reference = GeneratorReference()
        self.sent: list[Output] = []
        self.now_ms = float(NOW_MS)
        self.shelves = Shelves(self.reference, lambda _: True, self.send, load_rules, 4, lambda: self.now_ms)
        for record in records_of(catalog()):
            self.take(topics.ARTIFACT, f"{record.kind}|{record.version}|{record.part}", record)

    async def send(self, outputs: Sequence[Output]) -> None:
        self.sent += outputs
        for output in outputs:
            if output.topic == topics.ARTIFACT.name:
                assert output.key is not None
                value = (
                    None
                    if output.value is None
                    else decode(
                        topics.ARTIFACT, output.value, output.key, output.headers, NOW_MS, WireLimits()
                    )
                )
                self.take(topics.ARTIFACT, output.key.decode(), value)

    def take(self, spec: topics.TopicSpec, key: str, record: r.Record | None) -> None:
        self.reference.on_record(spec, key, record, [], NOW_MS)

    def turn(self, after_ms: int = 10_000) -> list[Output]:
        """What one turn sends to ad servers."""
        self.sent.clear()
        self.now_ms += after_ms
        asyncio.run(self.shelves.turn())
        return [output for output in self.sent if output.topic == topics.CREATIVE.name]


def campaign(status: str = "active", version: int = 1) -> r.Campaign:
    native = r.Template(
        "t-native", "native", "en", "{brand}: find your {noun}", "{title} for {price}.", "Shop now"
    )
    return r.Campaign("c1", version, status, r.Advertiser("Stridewell", ["shop.example"]), templates=[native])


def test_a_campaign_goes_on_the_shelf_once_stays_and_leaves_when_it_is_paused() -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    first = shelf.turn()
    assert b"d|c1|native" in [output.key for output in first]
    assert all(
        output.value is not None and output.partition == partition(output.key or b"", 4) for output in first
    )
    assert shelf.reference.artifacts.shared["d|c1|native"].template_id == "t-native"
    assert shelf.turn() == []
    assert shelf.turn(24 * HOUR_MS) != []
    shelf.take(topics.CAMPAIGN, "c1", campaign("paused"))
    gone = shelf.turn()
    assert {output.key for output in gone} == {output.key for output in first}
    assert all(
        output.value is None and dict(output.headers)["creative_id"].startswith(b"cr_") for output in gone
    )
    assert shelf.reference.artifacts.shared == {}


def test_a_template_that_loses_its_approval_leaves_the_shelf() -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    shelf.turn()
    shelf.take(topics.REVIEW, "t-native", r.Review("t-native", 4))
    assert shelf.turn()
    assert shelf.reference.artifacts.shared == {}
    shelf.take(topics.REVIEW, "t-native", r.Review("t-native", 3))
    assert any(output.value for output in shelf.turn())


def test_a_denied_creative_is_withdrawn_once_under_its_key() -> None:
    shelf = Shelf()
    shelf.take(topics.REVIEW, "cr_1", r.Review("cr_1", 4, key="u:u1|c1|native"))
    (gone,) = shelf.turn()
    assert (gone.key, gone.value, gone.partition) == (b"u:u1|c1|native", None, partition(b"u1", 4))
    assert shelf.turn() == []


def test_a_denied_shared_creative_does_not_come_back() -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    shelf.turn()
    denied = shelf.reference.artifacts.shared["d|c1|native"].creative_id
    shelf.take(topics.REVIEW, denied, r.Review(denied, 4, key="d|c1|native"))
    assert [output.value for output in shelf.turn() if output.key == b"d|c1|native"]
    assert "d|c1|native" not in shelf.reference.artifacts.shared
    assert shelf.turn(24 * HOUR_MS) is not None
    assert "d|c1|native" not in shelf.reference.artifacts.shared
