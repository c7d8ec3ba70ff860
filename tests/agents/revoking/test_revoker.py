"""Causes in the reference data become records, once, also after a restart; a person's word stands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from agents.creatives.reference import GeneratorReference
from agents.revoking.revoker import Revoker
from agents.revoking.stating import SPREADS_MS
from streams import records as r
from streams import topics
from streams.artifacts.catalog_version import records_of
from streams.mapping.revocations import REMEMBERED_MS
from streams.wire.output import Output
from tests.agents.creatives.generation_fixtures import NOW_MS, catalog

CR = "cr_00000000000000aa"


class Desk:
    """A revoker over reference data that arrive as records; what it states comes back to every worker."""

    def __init__(self, owns: Any = lambda _: True) -> None:
        self.reference, self.now_ms, self.stated = GeneratorReference(), NOW_MS, list[Output]()
        self.owns = owns
        self.revoker = Revoker(self.reference, owns, self.send, lambda: self.now_ms)
        self.log: list[tuple[topics.TopicSpec, str, r.Record | None, int]] = []

    async def send(self, outputs: Sequence[Output]) -> None:
        self.stated += outputs
        for each in outputs:
            record = None if each.value is None else msgspec.json.decode(each.value, type=r.Revocation)
            self.log.append((topics.REVOCATION, (each.key or b"").decode(), record, self.now_ms))

    def take(
        self, spec: topics.TopicSpec, key: str, record: r.Record | None, at_ms: int | None = None
    ) -> None:
        self.log.append((spec, key, record, self.now_ms if at_ms is None else at_ms))
        self.reference.on_record(spec, key, record, [], self.log[-1][3])

    def campaign(
        self, status: str = "active", at_ms: int | None = None, name: str = "c1", **more: Any
    ) -> None:
        advertiser = r.Advertiser("Stridewell")
        self.take(topics.CAMPAIGN, name, r.Campaign(name, 1, status, advertiser, **more), at_ms)

    def review(self, id: str, status: int, **more: Any) -> None:
        self.take(topics.REVIEW, id, r.Review(id, status, **more))

    def turn(self, after_ms: int = 1_000) -> list[tuple[str, str, bool] | str]:
        """What one turn states: (key, reason, lasting), or the key of what is unsaid."""
        self.now_ms += after_ms
        self.stated.clear()
        asyncio.run(self.revoker.turn())
        found: list[tuple[str, str, bool] | str] = []
        for each in self.stated:
            key = (each.key or b"").decode()
            if each.value is None:
                found.append(key)
            else:
                said = msgspec.json.decode(each.value, type=r.Revocation)
                assert 0 <= self.now_ms - said.since <= (said.reason == "changed")
                found.append((key, said.reason, said.lasting))
        return found

    def restarted(self) -> Desk:
        """A worker that reads the topics from their beginning."""
        fresh = Desk(self.owns)
        fresh.now_ms = self.now_ms
        for each in self.log:
            fresh.log.append(each)
            fresh.reference.on_record(each[0], each[1], each[2], [], each[3])
        return fresh


def both(desk: Desk, after_ms: int = 1_000) -> list[tuple[str, str, bool] | str]:
    """What is stated; and that neither it nor a restarted worker says so again."""
    said = desk.turn(after_ms)
    assert desk.turn(0) == [] and desk.restarted().turn(0) == []
    return said


FLIGHT = r.Flight(NOW_MS + 3_000, NOW_MS + 10_000)


def test_a_pause_an_end_and_a_deletion_are_stated_and_a_resumption_too() -> None:
    desk = Desk()
    desk.campaign()
    assert both(desk) == []
    desk.campaign("paused")
    assert both(desk) == [("campaign|c1", "paused", True)]
    desk.campaign()
    assert both(desk) == [("campaign|c1", "resumed", False)]
    desk.campaign("ended")
    assert both(desk) == [("campaign|c1", "ended", True)]
    desk.take(topics.CAMPAIGN, "c1", None)
    assert both(desk) == [("campaign|c1", "deleted", True)]


def test_what_happened_while_no_worker_was_there_is_stated_by_the_next() -> None:
    desk = Desk()
    desk.campaign()
    desk.turn()
    desk.campaign("paused")
    assert desk.restarted().turn(0) == [("campaign|c1", "paused", True)]


def test_a_flight_begins_and_ends_without_a_record() -> None:
    desk = Desk()
    desk.campaign(flight=FLIGHT)
    assert both(desk) == [("campaign|c1", "not_begun", True)]
    assert both(desk, 3_000) == [("campaign|c1", "resumed", False)]
    assert both(desk, 7_000) == [("campaign|c1", "ended", True)]


def test_denials_of_creatives_templates_and_pictures_are_stated_and_taken_back() -> None:
    desk = Desk()
    desk.review(CR, 4)
    desk.review("odd-id", 4, key="u:u1|c1|native")
    desk.review("t1", 4)
    desk.review("t2", 1)
    desk.review("t3", 3)
    desk.review("ph_1", 4)
    assert both(desk) == [
        (f"creative|{CR}", "denied", True),
        ("creative|odd-id", "denied", True),
        ("template|t1", "denied", True),
        ("template|t2", "unapproved", True),
        ("picture|ph_1", "denied", True),
    ]
    desk.review("t2", 3)
    desk.take(topics.REVIEW, "t1", None)
    desk.take(topics.REVIEW, "ph_1", None)
    assert both(desk) == [
        ("template|t1", "resumed", False),
        ("template|t2", "resumed", False),
        ("picture|ph_1", "resumed", False),
    ]


APPROVED = r.Template("t1", "native", "en", "h", "d", "c", audit=3)
PENDING = msgspec.structs.replace(APPROVED, audit=1)


@pytest.mark.parametrize(
    ("left", "why"), [([], "removed"), ([PENDING], "unapproved")], ids=["left out", "no longer approved"]
)
def test_a_template_that_one_campaign_drops_is_revoked_there_alone_until_it_returns(
    left: list[r.Template], why: str
) -> None:
    desk = Desk()
    desk.campaign(templates=[APPROVED])
    desk.campaign(name="c2", templates=[APPROVED])
    assert both(desk) == []
    desk.campaign(templates=left)
    assert desk.restarted().turn(0) == [("template|c1|t1", why, True)], "also by one that did not see it"
    assert both(desk) == [("template|c1|t1", why, True)]
    desk.campaign(templates=[APPROVED])
    assert both(desk) == [("template|c1|t1", "resumed", False)]


def test_what_a_campaign_takes_back_revokes_what_was_made_before_once() -> None:
    desk = Desk()
    desk.campaign(brief=r.Brief("Stridewell", facts=["Ships in two days"]))
    assert both(desk) == []
    desk.campaign(brief=r.Brief("Stridewell"))
    assert desk.restarted().turn(0) == [("campaign|c1", "changed", False)], "also by one that comes later"
    assert both(desk) == [("campaign|c1", "changed", False)]
    desk.campaign(brief=r.Brief("Stridewell", facts=["Free returns"]))
    assert both(desk) == [], "what is added makes nothing wrong"
    assert both(desk, REMEMBERED_MS) == ["campaign|c1"], "nothing lives that it touches"


def test_a_change_that_is_stated_late_leaves_what_was_made_since() -> None:
    desk = Desk()
    desk.campaign(brief=r.Brief("Stridewell", facts=["Ships in two days"]))
    desk.campaign(brief=r.Brief("Stridewell"))
    changed_ms, desk.now_ms = desk.now_ms, desk.now_ms + 3_600_000
    asyncio.run(desk.revoker.turn())
    [said] = desk.stated
    since_ms = msgspec.json.decode(said.value or b"", type=r.Revocation).since
    assert changed_ms <= since_ms <= changed_ms + SPREADS_MS
    assert desk.restarted().turn(0) == []


def test_a_change_during_a_pause_goes_with_its_end() -> None:
    desk = Desk()
    desk.campaign(slots=["native", "text"])
    desk.campaign("paused", slots=["native"])
    assert both(desk) == [("campaign|c1", "paused", True)]
    desk.campaign(slots=["native"])
    assert both(desk) == [("campaign|c1", "resumed", False)]


def test_other_words_under_the_name_of_a_template_revoke_what_was_made_of_the_old_ones() -> None:
    desk = Desk()
    desk.campaign(templates=[APPROVED])
    desk.campaign(name="c2", templates=[APPROVED])
    assert both(desk) == []
    desk.campaign(templates=[msgspec.structs.replace(APPROVED, headline="other")])
    assert both(desk) == [("template|c1|t1", "changed", False)]
    desk.campaign(templates=[])
    assert both(desk) == [("template|c1|t1", "removed", True)]


def test_a_reviewers_word_on_a_template_goes_before_the_campaigns() -> None:
    desk = Desk()
    desk.review("t1", 3)
    desk.campaign(templates=[PENDING])
    assert both(desk) == []
    desk.take(topics.REVIEW, "t1", None)
    assert both(desk) == [("template|c1|t1", "unapproved", True)]


def test_a_template_revoked_in_one_campaign_is_not_filled_there() -> None:
    desk = Desk()
    for each in records_of(catalog()):
        desk.take(topics.ARTIFACT, f"{each.kind}|{each.version}|{each.part}", each)
    for name in ("c1", "c2"):
        desk.campaign(name=name, templates=[APPROVED])
    said = r.Revocation("template", "c1|t1", "by_hand", NOW_MS, True, by="ada")
    desk.take(topics.REVOCATION, "template|c1|t1", said)
    matcher = desk.reference.snapshot().matcher
    assert matcher is not None
    assert {id: len(each.templates) for id, each in matcher.campaigns.items()} == {"c1": 0, "c2": 1}


@pytest.mark.parametrize("status", ["active", "paused"])
def test_a_persons_word_stands_until_a_person_takes_it_back(status: str) -> None:
    desk = Desk()
    by_hand = r.Revocation("campaign", "c1", "by_hand", NOW_MS, True, by="ada")
    desk.take(topics.REVOCATION, "campaign|c1", by_hand)
    desk.campaign(status)
    assert both(desk) == []
    desk.take(topics.REVOCATION, "campaign|c1", r.Revocation("campaign", "c1", "resumed", NOW_MS, by="ada"))
    assert both(desk) == ([("campaign|c1", "paused", True)] if status == "paused" else [])


def test_what_a_creative_cannot_outlive_is_forgotten_and_denials_are_not() -> None:
    desk = Desk()
    desk.campaign("ended")
    desk.review("t1", 4)
    desk.take(
        topics.REVOCATION, "switch|*", r.Revocation("switch", "*", "switched", NOW_MS, mode="defaults_only")
    )
    desk.turn()
    assert both(desk, REMEMBERED_MS) == []
    assert both(desk, 2) == ["campaign|c1"]
    assert desk.reference.revocations.get("template", "t1") is not None
    assert desk.reference.revocations.mode("c1") == "defaults_only"


def test_an_old_end_is_not_worth_a_record() -> None:
    desk = Desk()
    desk.campaign("ended", at_ms=NOW_MS - REMEMBERED_MS - 1)
    assert both(desk) == []


def test_only_the_owner_of_an_id_states_and_a_new_owner_takes_over() -> None:
    mine: set[str] = set()
    desk = Desk(mine.__contains__)
    desk.campaign("paused")
    desk.review(CR, 4)
    assert desk.turn() == []
    mine |= {"c1", CR}
    desk.revoker.assign()
    assert desk.turn() == [("campaign|c1", "paused", True), (f"creative|{CR}", "denied", True)]
