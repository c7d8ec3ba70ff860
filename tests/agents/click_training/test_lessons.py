"""Which exposures teach the click model, and when a version is published."""

from __future__ import annotations

import msgspec
import pytest

from agents.click_training.lessons import Lessons, showing_of
from agents.click_training.schedule import EVERY_MS, FIRST, PublishedVersion
from agents.exposure_log.withdrawn import TRAIN, Withdrawn
from models.click.learner import Learning
from models.click.model import ClickLearner
from streams.records import Consent, Exposure, PrivacyRequest
from streams.records.base import Explicit
from streams.topics import CONSENT, PRIVACY_REQUEST

AT = 1_760_000_000_000


def exposure(name: str, **other: object) -> Exposure:
    made = Exposure(
        exposure_id=name, user="u1", ts=AT, settled="complete", campaign_id="c1", creative_id="cr_1",
        slot="native", template_id="t1", arm="offer.t1", item_id="i1", interest=["lamps", "sofas"],
        hour=20, weekday=5, device=4, country="GBR", showing=2, purposes=["measure", "train"],
    )  # fmt: skip
    return msgspec.structs.replace(made, **other)


def lessons(withdrawn: Withdrawn | None = None) -> Lessons:
    return Lessons(ClickLearner.fresh(Learning()), withdrawn or Withdrawn(TRAIN))


def test_an_exposure_is_learnt_once_whatever_a_replay_sends() -> None:
    school = lessons()
    assert (
        len(school.take([exposure("a", clicked=True), exposure("b"), exposure("a", clicked=True)], {})) == 2
    )
    assert len(school.take([exposure("b"), exposure("c")], {})) == 1
    assert (school.learner.exposures, school.learner.clicks) == (3, 1)
    assert school.skipped == {"duplicate": 2}


def test_what_an_earlier_trainer_learnt_is_known_again() -> None:
    school = lessons()
    school.remember([exposure("a")])
    assert len(school.take([exposure("a"), exposure("b")], {})) == 1


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"invalid": "bot"}, "invalid"),
        ({"settled": "evicted"}, "evicted"),
        ({"purposes": ["measure", "personalise"]}, "purpose"),
    ],
)
def test_invalid_traffic_and_users_without_the_training_purpose_teach_nothing(
    other: dict[str, object], why: str
) -> None:
    school = lessons()
    assert len(school.take([exposure("a", **other)], {})) == 0
    assert school.skipped == {why: 1} and school.learner.exposures == 0


def test_who_was_erased_or_withdrew_since_teaches_nothing() -> None:
    withdrawn = Withdrawn(TRAIN)
    school = lessons(withdrawn)
    no = Consent(user="u1", ts=AT + 5, explicit=Explicit(train=False))
    withdrawn.on_record(CONSENT, "u1", no, [], AT + 9)
    assert len(school.take([exposure("before"), exposure("later", ts=AT + 6)], {})) == 1
    withdrawn.on_record(CONSENT, "u2", None, [], AT + 10)
    assert len(school.take([exposure("x", user="u2"), exposure("y", user="u2", ts=AT + 11)], {})) == 1
    erasure = PrivacyRequest(request_id="p1", type="erasure", iat=1)
    withdrawn.on_record(PRIVACY_REQUEST, "u3", erasure, [], AT + 20)
    assert len(school.take([exposure("z", user="u3")], {})) == 0
    assert school.skipped["withdrawn"] == 3


def test_agreeing_or_asking_for_access_takes_nothing_back() -> None:
    withdrawn = Withdrawn(TRAIN)
    yes = Consent(user="u1", ts=AT + 5, explicit=Explicit(train=True))
    withdrawn.on_record(CONSENT, "u1", yes, [], AT + 5)
    access = PrivacyRequest(request_id="p1", type="access", iat=1)
    withdrawn.on_record(PRIVACY_REQUEST, "u1", access, [], AT + 9)
    assert withdrawn.allows("u1", AT)


def test_a_showing_is_what_was_known_before_anybody_reacted() -> None:
    showing = showing_of(exposure("a", clicked=True, conversions=1, liked=True), "lamps")
    assert (showing.campaign_id, showing.style, showing.code, showing.number) == ("c1", "offer", "lamps", 2)
    assert showing == showing_of(exposure("b"), "lamps")


def test_a_young_model_is_published_often_and_a_grown_one_every_so_often() -> None:
    assert not PublishedVersion().due(FIRST - 1, AT)
    assert PublishedVersion().due(FIRST, AT)
    grown = PublishedVersion(100_000, AT)
    assert not grown.due(100_000, AT + 2 * EVERY_MS), "nothing was learnt since"
    assert not grown.due(150_000, AT + EVERY_MS - 1)
    assert grown.due(150_000, AT + EVERY_MS) and grown.due(200_000, AT + 1)
    assert grown.due(100_001, AT - 1), "the clock was set back"
