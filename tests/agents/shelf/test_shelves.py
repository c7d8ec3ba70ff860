"""Shared creatives: no slot is blank, nothing is published twice for nothing, what ended is withdrawn."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

from agents.creatives.pictures import PictureAsker
from agents.creatives.plan import Unfilled
from agents.creatives.reference import GeneratorReference
from agents.shelf import sharing
from agents.shelf.shelves import FEW, Shelves
from models.campaigns import Campaign
from models.choice.matching import Match, Matcher, Query
from models.rules import load_rules
from streams import records as r
from streams import topics
from streams.artifacts.catalog_version import records_of
from streams.mapping.campaigns import campaign_of
from streams.metrics.creatives import BLANK_DEFAULTS, REFUSED_SEGMENTS
from streams.metrics.generation import EXEMPT_HEADLINES
from streams.wire.codecs import WireLimits, decode
from streams.wire.output import Output
from streams.wire.partition import partition
from tests.agents.creatives.generation_fixtures import BOOT, CAMPAIGN, NOW_MS, catalog

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def wanted(campaign: Campaign) -> dict[str, sharing.Shared]:
    matcher = Matcher(catalog(), [campaign])
    best = sharing.BestItems(matcher, NOW_MS).of(campaign.campaign_id)
    return {each.key: each for each in sharing.plan_shelf(matcher.catalog, campaign, best, NOW_MS)}


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


def test_an_ended_campaign_wants_nothing() -> None:
    assert wanted(dataclasses.replace(CAMPAIGN, status="ended")) == {}


def test_the_id_changes_with_the_campaigns_version_alone() -> None:
    first, again = wanted(CAMPAIGN)["d|c1|native"], wanted(CAMPAIGN)["d|c1|native"]
    newer = wanted(dataclasses.replace(CAMPAIGN, version=4))["d|c1|native"]
    assert first.creative_id == again.creative_id != newer.creative_id


def test_it_is_published_when_new_changed_or_a_day_old() -> None:
    shared = wanted(CAMPAIGN)["d|c1|native"]
    made = sharing.fill_shared(shared, load_rules, NOW_MS)
    assert not isinstance(made, Unfilled)
    record, standing = made
    assert (record.audience, record.provenance.digital_source_type) == (
        r.Audience("default", "d"),
        "human_edits",
    )
    assert sharing.is_publication_due(shared, None, NOW_MS)
    assert not sharing.is_publication_due(shared, standing, NOW_MS + 23 * HOUR_MS)
    assert sharing.is_publication_due(shared, standing, NOW_MS + 24 * HOUR_MS)
    assert sharing.is_publication_due(
        wanted(dataclasses.replace(CAMPAIGN, version=4))["d|c1|native"], standing, NOW_MS
    )


def test_an_item_without_a_link_that_may_be_shown_gets_no_creative() -> None:
    shared = wanted(CAMPAIGN)["d|c1|native"]
    nowhere = dataclasses.replace(shared.item, url="javascript:alert(1)")
    refused = sharing.fill_shared(dataclasses.replace(shared, item=nowhere), load_rules, NOW_MS)
    assert isinstance(refused, Unfilled) and refused.codes == ("BAD_LINK",)


class Shelf:
    """Shelves over reference data that arrive as records; what is sent comes back as a follower would bring
    it."""

    def __init__(self, pictures: bool = False) -> None:
        self.reference = GeneratorReference()
        self.sent: list[Output] = []
        self.meanwhile: list[Callable[[], None]] = []  # each happens once, while something is sent
        self.comes_back = True
        self.now_ms = float(NOW_MS)
        self.pictures = PictureAsker(pictures, self.reference.advertised, 4)
        self.shelves = self.kept(lambda _: True)
        for record in records_of(catalog()):
            self.take(topics.ARTIFACT, f"{record.kind}|{record.version}|{record.part}", record)

    def kept(self, owns: Callable[[str], bool], requests_wait: Callable[[], bool] = lambda: False) -> Shelves:
        """The same shelves as another worker keeps them."""
        return Shelves(
            self.reference,
            owns,
            self.send,
            load_rules,
            4,
            lambda: self.now_ms,
            self.pictures,
            requests_wait,
        )

    async def send(self, outputs: Sequence[Output]) -> None:
        self.sent += outputs
        if self.meanwhile:
            self.meanwhile.pop()()
        for output in outputs:
            if output.topic == topics.ARTIFACT.name and self.comes_back:
                self.follow(output)

    def follow(self, output: Output) -> None:
        """A record of ads.artifact.v1 comes back."""
        assert output.key is not None
        value = None
        if output.value is not None:
            value = decode(topics.ARTIFACT, output.value, output.key, output.headers, NOW_MS, WireLimits())
        self.take(topics.ARTIFACT, output.key.decode(), value)

    def take(self, spec: topics.TopicSpec, key: str, record: r.Record | None) -> None:
        self.reference.on_record(spec, key, record, [], NOW_MS)

    def turn(self, after_ms: int = 10_000) -> list[Output]:
        """What one turn sends to ad servers."""
        self.sent.clear()
        self.now_ms += after_ms
        asyncio.run(self.shelves.turn())
        return [output for output in self.sent if output.topic == topics.CREATIVE.name]


def campaign(status: str = "active", version: int = 1, name: str = "c1", **more: Any) -> r.Campaign:
    native = r.Template(
        "t-native", "native", "en", "{brand}: find your {noun}", "{title} for {price}.", "Shop now", audit=3
    )
    advertiser = r.Advertiser("Stridewell", ["shop.example"])
    return r.Campaign(name, version, status, advertiser, templates=[native], **more)


def names(outputs: Sequence[Output]) -> list[tuple[str, bool]]:
    """Campaign of each output, and whether it is published (else withdrawn)."""
    return [((each.key or b"").decode().split("|")[1], each.value is not None) for each in outputs]


def test_a_campaign_goes_on_the_shelf_once_stays_and_leaves_when_it_is_paused() -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    exempt = EXEMPT_HEADLINES.labels("shared")._value.get
    before = exempt()
    first = shelf.turn()
    assert exempt() == before + sum(output.topic == topics.CREATIVE.name for output in first)
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


@pytest.mark.parametrize("said", ["by its reviewer", "by its revocation"])
@pytest.mark.parametrize("audience", ["d", "s:phone-deu-night"])
def test_a_denied_default_or_segment_goes_at_once_and_once(said: str, audience: str) -> None:
    shelf, key = Shelf(), f"{audience}|c1|native"
    shelf.take(topics.CAMPAIGN, "c1", campaign(**WIDE))
    shelf.turn()
    id = shelf.reference.artifacts.shared[key].creative_id
    if said == "by its reviewer":
        shelf.take(topics.REVIEW, id, r.Review(id, 4, key=key))
    else:
        shelf.take(topics.REVOCATION, *revocation("creative", id, lasting=True))
    [gone] = shelf.turn(after_ms=0)
    assert (gone.key, gone.value, dict(gone.headers)["creative_id"]) == (key.encode(), None, id.encode())
    assert dict(gone.headers)["ce_id"] == f"{id}-revoked".encode() and key not in standing(shelf)
    assert shelf.turn() == []


def test_what_is_revoked_goes_also_where_review_refuses_what_would_take_its_place() -> None:
    shelf, whole = Shelf(), campaign()
    shelf.take(topics.CAMPAIGN, "c1", whole)
    shelf.turn()
    shown = standing(shelf)["d|c1|native"] or ""
    wrong = msgspec.structs.replace(whole.templates[0], headline="50% off today")
    shelf.take(topics.REVOCATION, *revocation("item", shown, shelf.now_ms + 1))
    shelf.take(topics.CAMPAIGN, "c1", msgspec.structs.replace(whole, version=2, templates=[wrong]))
    assert (b"d|c1|native", None) in [(each.key, each.value) for each in shelf.turn()]
    assert "d|c1|native" not in standing(shelf)


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


def revocation(kind: str, id: str, since: float = NOW_MS, **more: Any) -> tuple[str, r.Revocation]:
    return f"{kind}|{id}", r.Revocation(kind, id, "said", int(since), **more)


def standing(shelf: Shelf) -> dict[str, str | None]:
    return {key: each.item_id for key, each in shelf.reference.artifacts.shared.items()}


def test_an_item_that_is_revoked_gives_its_place_to_another_and_one_with_a_new_price_is_published_anew() -> (
    None
):
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    shelf.turn()
    before = standing(shelf)
    shown = before["d|c1|native"] or ""
    shelf.take(topics.REVOCATION, *revocation("item", shown, lasting=True))
    swapped = shelf.turn()
    assert swapped and shown not in standing(shelf).values() and "d|c1|native" in standing(shelf)
    assert shelf.turn() == []
    now = standing(shelf)["d|c1|native"] or ""
    shelf.take(topics.REVOCATION, *revocation("item", now, shelf.now_ms + 1))
    assert b"d|c1|native" in [each.key for each in shelf.turn() if each.value]
    assert standing(shelf)["d|c1|native"] == now and shelf.turn() == []


@pytest.mark.parametrize(("kind", "id"), [("campaign", "c1"), ("template", "t-native")])
def test_a_shelf_of_which_nothing_may_stand_is_emptied_and_filled_again(kind: str, id: str) -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    count = len(shelf.turn())
    shelf.take(topics.REVOCATION, *revocation(kind, id, lasting=True))
    assert names(shelf.turn()) == [("c1", False)] * count and not standing(shelf)
    shelf.take(topics.REVOCATION, *revocation(kind, id, shelf.now_ms))
    assert names(shelf.turn()) == [("c1", True)] * count


def test_that_nothing_may_stand_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    for item in catalog().items:
        shelf.take(topics.REVOCATION, *revocation("item", item.item_id, lasting=True))
    shelf.turn()
    shelf.turn(after_ms=400_000)
    said = [each.getMessage() for each in caplog.records]
    assert [each.partition(": no default")[0] for each in said if "c1" in each] == [
        "campaign c1, slot native: NO_ITEM (no item that it advertises may be shown)"
    ]


REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "review": (
        {"headline": "50% off today"},
        ("UNSUPPORTED_PRICE", "UNSUPPORTED_NUMBER"),
        "50% off",
    ),
    "status": ({"audit": 1}, ("TEMPLATE_NOT_APPROVED",), "1 (pending)"),
    "placeholder": ({"headline": "Find {thing}"}, ("UNKNOWN_PLACEHOLDER",), "{thing}"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_default_that_may_not_stand_is_told_with_campaign_slot_template_and_rule(
    why: str, caplog: pytest.LogCaptureFixture
) -> None:
    changes, rules, said = REFUSED[why]
    shelf, whole = Shelf(), campaign()
    shelf.take(topics.CAMPAIGN, "c1", whole)
    assert shelf.turn() and "d|c1|native" in standing(shelf)
    assert BLANK_DEFAULTS._value.get() == 0
    broken = msgspec.structs.replace(whole.templates[0], **changes)
    shelf.take(topics.CAMPAIGN, "c1", msgspec.structs.replace(whole, version=2, templates=[broken]))
    shelf.turn()
    shelf.turn(after_ms=400_000)
    (told,) = [each.getMessage() for each in caplog.records if "no default creative" in each.getMessage()]
    assert told.startswith(f"campaign c1, slot native, template t-native: {', '.join(rules)} (")
    assert said in told
    assert BLANK_DEFAULTS._value.get() == 1
    shelf.take(topics.CAMPAIGN, "c1", campaign(version=3))
    assert shelf.turn() and BLANK_DEFAULTS._value.get() == 0


def test_a_default_that_review_refuses_is_made_with_the_slots_next_template() -> None:
    shelf, whole = Shelf(), campaign()
    right = whole.templates[0]
    wrong = msgspec.structs.replace(right, template_id="t-wrong", headline="50% off today")
    for version in range(1, 9):
        changed = msgspec.structs.replace(whole, version=version, templates=[wrong, right])
        shelf.take(topics.CAMPAIGN, "c1", changed)
        assert b"d|c1|native" in [output.key for output in shelf.turn()]
        assert shelf.reference.artifacts.shared["d|c1|native"].template_id == "t-native"


def test_segments_that_review_refuses_are_counted_and_said_once_per_version(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shelf, whole = Shelf(), campaign(**WIDE)
    right = whole.templates[0]
    wrong = msgspec.structs.replace(right, template_id="t-wrong", headline="50% off today")

    def said() -> list[str]:
        shelf.turn(after_ms=400_000)
        found = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
        caplog.clear()
        return found

    changed = msgspec.structs.replace(whole, templates=[right, wrong])
    shelf.take(topics.CAMPAIGN, "c1", changed)
    [told] = said()
    left = len(set(wanted(campaign_of(changed))) - set(standing(shelf)))
    assert left and told.startswith(f"campaign c1, version 1: review refuses {left} of its creatives for")
    assert "template t-wrong: UNSUPPORTED_PRICE, UNSUPPORTED_NUMBER (" in told
    assert REFUSED_SEGMENTS._value.get() == left
    assert said() == [] and REFUSED_SEGMENTS._value.get() == left
    shelf.take(topics.CAMPAIGN, "c1", msgspec.structs.replace(changed, version=2))
    assert len(said()) == 1
    shelf.take(topics.CAMPAIGN, "c1", msgspec.structs.replace(whole, version=3))
    assert said() == [] and REFUSED_SEGMENTS._value.get() == 0


def test_a_template_that_nobody_looked_at_is_used_once_a_reviewer_approves_it() -> None:
    shelf, whole = Shelf(), campaign()
    pending = msgspec.structs.replace(whole.templates[0], audit=1)
    shelf.take(topics.CAMPAIGN, "c1", msgspec.structs.replace(whole, templates=[pending]))
    assert shelf.turn() == []
    shelf.take(topics.REVIEW, "t-native", r.Review("t-native", 3))
    made = [each.value for each in shelf.turn()]
    assert made and all(each and msgspec.json.decode(each)["audit"]["status"] == 3 for each in made)


def test_a_slot_without_a_template_is_told_and_an_ended_campaign_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign(slots=["native", "text"]))
    shelf.turn()
    assert [each.getMessage() for each in caplog.records if each.levelname == "WARNING"] == [
        "campaign c1, slot text: NO_TEMPLATE (none is given): no default creative stands; `shiftcast check` "
        "lists all of them"
    ]
    shelf.take(topics.CAMPAIGN, "c1", campaign("paused", version=2))
    shelf.turn()
    assert BLANK_DEFAULTS._value.get() == 0


@pytest.mark.parametrize("id", ["*", "c1"])
def test_of_defaults_only_the_defaults_stay(id: str) -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign(**WIDE))
    shelf.turn()
    assert set(standing(shelf)) > {"d|c1|native"}
    shelf.take(topics.REVOCATION, *revocation("switch", id, mode="templates_only"))
    assert shelf.turn() == []
    shelf.take(topics.REVOCATION, *revocation("switch", id, mode="defaults_only"))
    assert all(each.value is None for each in shelf.turn())
    assert set(standing(shelf)) == {"d|c1|native"}
    shelf.take(topics.REVOCATION, *revocation("switch", id, mode="normal"))
    assert shelf.turn() and set(standing(shelf)) > {"d|c1|native"}


WIDE: Any = {"targeting": r.Targeting(geo=["DEU", "FRA"])}
"""Cells enough for several sends."""


def test_a_campaign_paused_while_its_shelf_is_filled_is_not_published_after_that() -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign(**WIDE))
    shelf.take(topics.CAMPAIGN, "c2", campaign(name="c2"))
    shelf.meanwhile = [
        lambda: shelf.take(topics.CAMPAIGN, "c1", campaign("paused", **WIDE)),
        lambda: shelf.take(topics.CAMPAIGN, "c2", campaign("paused", name="c2")),
    ]
    sent = names(shelf.turn())
    assert sent[:FEW] == [("c1", True)] * FEW, "c2 was paused while these were sent, c1 while they were told"
    assert sent[FEW:] == [("c1", False)] * FEW, "what stood goes, nothing of either comes"
    assert shelf.reference.artifacts.shared == {}


def test_what_must_go_goes_before_the_next_few_are_published() -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign(name="c1"))
    shelf.turn()
    standing = len(shelf.reference.artifacts.shared)
    shelf.take(topics.CAMPAIGN, "c2", campaign(name="c2", **WIDE))
    shelf.meanwhile = [
        lambda: shelf.take(topics.CAMPAIGN, "c1", campaign("ended")),
    ]
    sent = names(shelf.turn())
    assert sent[:FEW] == [("c2", True)] * FEW
    assert sent[FEW : FEW + standing] == [("c1", False)] * standing
    assert set(sent[FEW + standing :]) == {("c2", True)}


def test_a_creative_denied_while_its_shelf_is_filled_is_not_published() -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign(**WIDE))
    wire = campaign_of(campaign(**WIDE))
    last = list(wanted(wire).values())[-1]
    denial = r.Review(last.creative_id, 4, key=last.key)
    shelf.meanwhile = [lambda: shelf.take(topics.REVIEW, last.creative_id, denial)]
    sent = shelf.turn()
    assert not [each for each in sent if each.key == last.key.encode()]


def planned_campaigns(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Campaigns whose shelf is planned from now on, in order."""
    planned: list[str] = []

    def counted(catalog: Any, campaign: Campaign, best: Any, now_ms: int) -> list[sharing.Shared]:
        planned.append(campaign.campaign_id)
        return sharing.plan_shelf(catalog, campaign, best, now_ms)

    monkeypatch.setattr("agents.shelf.defaults.plan_shelf", counted)
    return planned


def test_only_the_shelf_of_a_campaign_that_changed_is_planned_again(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = planned_campaigns(monkeypatch)
    shelf = Shelf()
    for n in range(5):
        shelf.take(topics.CAMPAIGN, f"c{n}", campaign(name=f"c{n}"))
    shelf.turn()
    assert sorted(planned) == [f"c{n}" for n in range(5)]
    planned.clear()
    shelf.take(topics.CAMPAIGN, "c3", campaign(name="c3", version=2))
    assert {name for name, _ in names(shelf.turn(after_ms=0))} == {"c3"}
    assert planned == ["c3"]
    planned.clear()
    assert shelf.turn() == [] and planned == []


def test_a_campaign_that_is_paused_and_resumed_before_its_records_came_back_stands_again() -> None:
    shelf = Shelf()
    shelf.comes_back = False
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    count = len(shelf.turn())
    shelf.take(topics.CAMPAIGN, "c1", campaign("paused"))
    assert names(shelf.turn(after_ms=0)) == [("c1", False)] * count
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    assert names(shelf.turn(after_ms=0)) == [("c1", True)] * count


def test_a_campaign_that_begins_without_a_record_is_noticed() -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign(flight=r.Flight(NOW_MS + 60_000, NOW_MS + DAY_MS)))
    assert shelf.turn() == []
    assert shelf.turn(after_ms=60_000) != []


def test_a_clock_that_is_set_back_keeps_no_campaign_waiting() -> None:
    shelf = Shelf()
    over = r.Flight(NOW_MS - DAY_MS, NOW_MS - 1_800_000)
    shelf.take(topics.CAMPAIGN, "c1", campaign(flight=over))
    shelf.take(topics.CAMPAIGN, "c2", campaign(name="c2", flight=r.Flight(NOW_MS - 1_000, NOW_MS + DAY_MS)))
    assert {name for name, _ in names(shelf.turn())} == {"c2"}
    said = names(shelf.turn(after_ms=-3_600_000))
    assert set(said) == {("c1", True), ("c2", False)}


def test_a_clock_that_is_set_back_ends_no_pass_over_the_shelves(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = planned_campaigns(monkeypatch)
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    shelf.turn()
    looked.clear()
    shelf.turn(after_ms=-3_600_000)
    assert looked == ["c1"]


def test_campaigns_of_another_worker_are_left_alone_until_they_are_assigned() -> None:
    shelf, mine = Shelf(), set[str]()
    shelf.shelves = shelf.kept(mine.__contains__)
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    assert shelf.turn() == []
    mine.add("c1")
    shelf.shelves.assign()
    assert shelf.turn() != []


def test_requests_go_before_what_has_no_deadline() -> None:
    shelf, asked = Shelf(), list[int]()

    def wait() -> bool:
        asked.append(len(shelf.sent))
        return len(asked) < 4

    shelf.shelves = shelf.kept(lambda _: True, wait)
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    assert shelf.turn() != []
    assert asked[:4] == [0, 0, 0, 0], "nothing was sent while they waited"


def test_requests_without_end_do_not_keep_a_shelf_empty() -> None:
    shelf = Shelf()
    shelf.shelves = shelf.kept(lambda _: True, lambda: True)
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    assert shelf.turn() != []


def test_the_best_items_are_those_that_a_request_would_be_matched_with() -> None:
    """Computed for all segments at once, block by block."""
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(40, 64)).astype(np.float32)
    items = tuple(
        dataclasses.replace(
            BOOT, item_id=f"i{n}", available=n % 5 > 0, valid_until_ms=NOW_MS + (n % 3 - 1) * 1_000
        )
        for n in range(40)
    )
    wide = dataclasses.replace(
        catalog(), items=items, vectors=vectors, codes=np.zeros(40, np.int16),
        segments=rng.normal(size=(9, 64)).astype(np.float32), price_z=np.zeros(40, np.float32),
    )  # fmt: skip
    matcher = Matcher(wide, [CAMPAIGN])
    found = sharing.BestItems(matcher, NOW_MS).of(CAMPAIGN.campaign_id)
    audiences = [wide.segments.mean(axis=0), *wide.segments]
    matches = [matcher.match(Query(each, NOW_MS, ("native",)), only="c1") for each in audiences]
    assert found.tolist() == [each.rows[0] for each in matches if isinstance(each, Match)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.choice.matching._BLOCK_ROWS", 7)
        assert sharing.BestItems(matcher, NOW_MS).of(CAMPAIGN.campaign_id).tolist() == found.tolist()
