"""What the lane says of exposures: with all that is known of their creative, once they are over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from agents.profiles.clock import SILENT_MS
from agents.profiles.rows.made import read_made
from agents.profiles.sweep import SETTLED as SETTLED_USERS
from models.earned.exposures import SETTLED
from streams import records as r
from streams.artifacts.kinds import artifact_key
from streams.artifacts.shared import SharedCreative, shared_record
from streams.settings import Settings
from streams.topics import (
    ARTIFACT,
    BEHAVIOR,
    CLICK,
    CONVERSION,
    EXPERIMENT,
    EXPOSURE,
    IMPRESSION,
    REQUEST,
)
from streams.wire.codecs import WireLimits, decode, encode
from tests.agents.catalogue import campaign
from tests.agents.profiles.memory_lane import NOW_MS, users_of_lane
from tests.stories.profile_story import OTHER, USER, Story, requests_of

HOUR = 3_600_000
DAY = 24 * HOUR
OWN, SHARED, FOREIGN = "cr_00000000000000a1", "cr_00000000000000b1", "cr_00000000000000ff"
DEVICE = {"devicetype": 4, "geo": {"country": "DEU", "utcoffset": 60}}
CAMPAIGN = campaign(
    attribution=r.Attribution(click_s=3_600, view_s=600),
    experiment=r.Experiment("e1", "salt", [r.ExperimentArm("a", 1.0)], 0, NOW_MS + HOUR),
)


class Shown(Story):
    """A user with a creative of their own and a shared one."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(CAMPAIGN, settings=Settings(settle_late_s=0, **settings))
        shared = SharedCreative(SHARED, "c1", "text", "12", "t2", "plain|t2", 0.25, NOW_MS + DAY, "item2")
        record = shared_record("s:12|c1|text", shared)
        self.reference.on_record(ARTIFACT, artifact_key(record), record, (), NOW_MS)
        self.consent()
        for i in range(9):
            self.click(i, f"shoes{i}", NOW_MS - 20_000 + i * 1_000)
        request = requests_of(self)[-1]
        self.creative(OWN, request_id=request.request_id, copy_id="cp_1")

    def show(self, ts: int, id: str, creative_id: str | None = OWN, user: str = USER, **more: Any) -> None:
        named = {"creative_id": creative_id, "campaign_id": "c1", "slot": "native", "device": DEVICE}
        self.add(IMPRESSION.name, user, ts, id=id, **named, **more)

    def act(self, ts: int, id: str, imp: str, **more: Any) -> None:
        self.add(CLICK.name, USER, ts, id=id, imp_id=imp, **more)

    def sweep_at(self, ts: int) -> None:
        """A regular visit when event time has come to `ts`, and quiet topics with it."""
        self.lane.now_ms = ts + 60_000
        self.add(BEHAVIOR.name, OTHER, ts, id=f"b{ts}", type="page")
        self.lane.sweep_out(self.lane.now_ms)

    def told(self) -> list[r.Exposure]:
        return [exposure_of(o.value or b"", o.key) for o in self.lane.sent(EXPOSURE.name)]


def exposure_of(value: bytes, key: bytes | None) -> r.Exposure:
    record = decode(EXPOSURE, value, key, (), NOW_MS, WireLimits())
    assert isinstance(record, r.Exposure)
    said, again = msgspec.json.decode(value), msgspec.json.decode(encode(record))
    assert said == again, "a member that no reader knows, or that says what is the case anyway"
    return record


def test_an_exposure_is_told_with_what_its_creative_is_made_of_and_all_that_followed() -> None:
    story = Shown()
    story.show(NOW_MS, "i1", price={"cpm": 2.5, "cur": "EUR"})
    story.show(NOW_MS + 900, "i1", event=3)
    story.act(NOW_MS + 12_345, "first", "i1")
    story.act(NOW_MS + 13_000, "second", "i1")
    story.add(CONVERSION.name, USER, NOW_MS + 60_000, id="s1", type="purchase", value=79.9, cur="EUR")
    story.add(CONVERSION.name, USER, NOW_MS + 61_000, id="s2", type="purchase", value=5, cur="USD")
    story.add(CONVERSION.name, USER, NOW_MS + 2 * HOUR, id="s3", type="purchase", value=9, cur="USD")
    story.add(
        BEHAVIOR.name, USER, NOW_MS + 70_000, id="l1", type="feedback", feedback="like", creative_id=OWN
    )
    story.sweep_at(NOW_MS + HOUR - 1)
    assert story.told() == []
    story.sweep_at(NOW_MS + HOUR + 1_000)
    (told,) = story.told()
    (key,) = {output.key for output in story.lane.sent(EXPOSURE.name)}
    request = requests_of(story)[0]
    assert told == r.Exposure(
        exposure_id=told.exposure_id,
        user=USER,
        ts=NOW_MS,
        settled="complete",
        campaign_id="c1",
        creative_id=OWN,
        slot="native",
        template_id="t1",
        arm="plain|t1",
        propensity=0.5,
        policy_version="p1",
        request_id=request.request_id,
        item_id="item1",
        segment=request.segment,
        channel="native",
        interest=[each.name for each in request.top[:3]],
        hour=told.hour,
        weekday=told.weekday,
        device=4,
        country=request.context.country,
        experiments={"e1": "a"},
        viewable=True,
        clicked=True,
        click_after_s=12,
        invalid_clicks=1,
        conversions=2,
        value_minor={"EUR": 7990, "USD": 500},
        cost_micros={"EUR": 2500},
        liked=True,
        lang="en",
        copy=r.CopyText("Trail shoes 0a1", "Grip for wet rock.", "Shop now"),
        copy_id="cp_1",
        purposes=["measure", "profile", "personalise", "train"],
    )
    assert key == USER.encode() and told.interest and told.hour is not None and told.weekday is not None
    assert {dict(o.headers)["ce_id"].decode() for o in story.lane.sent(EXPOSURE.name)} == {told.exposure_id}
    story.sweep_at(NOW_MS + DAY)
    assert len(story.told()) == 1


def test_a_shared_creative_is_told_and_others_are_not() -> None:
    story = Shown()
    story.show(NOW_MS, "i1", SHARED)
    story.show(NOW_MS + 1_000, "i2", FOREIGN)
    story.show(NOW_MS + 2_000, "i3", None)
    story.sweep_at(NOW_MS + 2 * HOUR)
    (told,) = story.told()
    assert (told.creative_id, told.segment, told.arm, told.propensity) == (SHARED, "12", "plain|t2", 0.25)
    assert (told.slot, told.item_id, told.interest, told.copy, told.clicked) == (
        "text",
        "item2",
        [],
        None,
        False,
    )


def test_an_exposure_that_the_row_has_no_room_for_is_told_at_once() -> None:
    story = Shown()
    for k in range(26):
        story.show(NOW_MS + k * 1_000, f"i{k}")
    story.act(NOW_MS + 27_000, "first", "i25")
    assert [(each.settled, each.ts, each.showing) for each in story.told()] == [
        ("evicted", NOW_MS, 1),
        ("evicted", NOW_MS + 1_000, 2),
    ]
    story.sweep_at(NOW_MS + 2 * HOUR)
    told = story.told()
    assert len({each.exposure_id for each in told}) == len(told) == 26
    assert [each.showing for each in told][-1] == 8 and [each.ts for each in told if each.clicked] == [
        told[-1].ts
    ]


def test_what_is_told_again_after_a_crash_has_the_same_id() -> None:
    story = Shown()
    story.show(NOW_MS, "i1")
    story.lane.flush()
    story.sweep_at(NOW_MS + 2 * HOUR)
    first, lane = story.told(), story.lane
    story.lane = lane.crashed(story.reference, Settings(settle_late_s=0))
    story.sweep_at(NOW_MS + 3 * HOUR)
    assert [each.exposure_id for each in story.told()] == [each.exposure_id for each in first]
    story.lane.flush()
    story.lane = story.lane.crashed(story.reference, Settings(settle_late_s=0))
    story.sweep_at(NOW_MS + 4 * HOUR)
    assert story.told() == [] and story.lane.row("x", USER)["shown_flags"][0] & SETTLED


def test_a_quiet_user_is_settled_by_what_others_do_but_not_before_late_events_are_over() -> None:
    story = Story(CAMPAIGN, settings=Settings())
    story.consent()
    story.creative(OWN)
    story.lane.now_ms += SILENT_MS
    story.add(IMPRESSION.name, USER, NOW_MS, id="i1", creative_id=OWN, campaign_id="c1")
    for late_s, told in ((0, 0), (299, 0), (300, 1)):
        ts = NOW_MS + HOUR + late_s * 1_000
        story.add(IMPRESSION.name, OTHER, ts, id=f"o{late_s}", creative_id=None, explicit={"measure": True})
        story.lane.sweep_out(story.lane.now_ms)
        assert len(story.lane.sent(EXPOSURE.name)) == told


def test_nothing_is_settled_while_a_topic_is_not_read_to_its_end() -> None:
    story = Shown()
    story.show(NOW_MS, "i1")
    story.lane.hears = False
    story.sweep_at(NOW_MS + 2 * HOUR)
    assert story.told() == []
    story.act(NOW_MS + 60_000, "late", "i1")
    story.lane.hears = True
    story.sweep_at(NOW_MS + 3 * HOUR)
    (told,) = story.told()
    assert told.clicked and told.click_after_s == 60


def test_erasure_and_withdrawal_settle_nothing_and_leave_nothing() -> None:
    ways: tuple[Callable[[Story], object], ...] = (
        lambda story: story.privacy("erasure", NOW_MS + 60_000),
        lambda story: story.consent(USER, NOW_MS + 60_000, {"train": False}),
    )
    for forget in ways:
        story = Shown()
        story.show(NOW_MS, "i1")
        assert read_made(story.lane._view(), USER.encode()).made
        forget(story)
        assert read_made(story.lane._view(), USER.encode()) == read_made(story.lane._view(), b"nobody")
        story.sweep_at(NOW_MS + 2 * HOUR)
        assert story.told() == []


def test_the_receipt_of_an_erasure_names_the_log_of_exposures_and_when_it_is_over() -> None:
    ack = Shown().privacy("erasure", NOW_MS)
    gone = {each.name: each.until for each in ack.stores}
    assert gone[EXPOSURE.name] == NOW_MS + 30 * DAY and "rows:made" in gone


def test_who_is_measured_but_no_longer_profiled_is_told_without_interests() -> None:
    story = Shown()
    story.show(NOW_MS, "i1")
    story.consent(USER, NOW_MS + 60_000, {"measure": True})
    story.show(NOW_MS + 90_000, "i2")
    story.sweep_at(NOW_MS + 2 * HOUR)
    first, second = story.told()
    assert (first.interest, first.segment, second.interest) == ([], None, [])
    assert first.purposes == ["measure", "profile", "personalise", "train"] and second.purposes == ["measure"]


def test_what_a_bot_is_shown_is_told_as_invalid() -> None:
    story = Shown()
    for i in range(70):
        story.add(CLICK.name, USER, NOW_MS + i * 10, id=f"fast{i}", item_id="shoes1")
    story.show(NOW_MS + 5_000, "i1")
    story.sweep_at(NOW_MS + 2 * HOUR)
    assert [each.invalid for each in story.told()] == ["bot"]


def test_a_creative_that_came_before_there_were_rows_about_it_is_told_by_its_cell() -> None:
    story = Shown()
    story.show(NOW_MS, "i1")
    story.lane.flush()
    del story.lane.store[b"m" + USER.encode()]
    story.lane = story.lane.crashed(story.reference, Settings(settle_late_s=0))
    story.sweep_at(NOW_MS + 2 * HOUR)
    (told,) = story.told()
    assert (told.creative_id, told.campaign_id, told.arm, told.template_id) == (OWN, "c1", "plain|t1", "t1")
    assert told.propensity is None and told.copy is None


def test_a_published_creative_says_nothing_of_interests() -> None:
    story = Shown()
    request = requests_of(story)[0]
    assert request.top and len(story.lane.sent(REQUEST.name)) == 1
    published = set(r.Creative.__struct_fields__) | set(r.CreativeExperiment.__struct_fields__)
    assert not published & {"interest", "interests", "segment", "top", "gained", "lost"}


def test_many_users_are_settled_in_parts_until_none_is_left() -> None:
    story = Shown()
    many = users_of_lane(2 * SETTLED_USERS + 9)[2:]
    for user in many:
        story.add(IMPRESSION.name, user, NOW_MS, id="i1", creative_id=SHARED, explicit={"measure": True})
    story.lane.now_ms = NOW_MS + 2 * HOUR
    assert story.lane.sweep(NOW_MS + 2 * HOUR), "the lane comes back in a moment"
    assert len(story.told()) == SETTLED_USERS
    story.lane.sweep_out(NOW_MS + 2 * HOUR)
    assert {each.user for each in story.told()} == set(many) and len(story.told()) == len(many)


@pytest.mark.parametrize("late_s", [-1, 91 * 86_400])
def test_how_late_events_may_come_has_bounds(late_s: int) -> None:
    with pytest.raises(Exception, match="SHIFTCAST_SETTLE_LATE_S"):
        Settings.from_environ({"SHIFTCAST_SETTLE_LATE_S": str(late_s)})


def test_the_arm_of_an_experiment_that_ended_since_is_told_of_exposures_while_it_ran() -> None:
    story = Shown()
    arms = [r.ExperimentArm("b", 1.0)]
    ended = r.ExperimentRecord(
        "e2", "c1", r.Experiment("e2", "salt", arms, NOW_MS - DAY, NOW_MS + 500), "finished"
    )
    story.show(NOW_MS, "i1")
    story.show(NOW_MS + 1_000, "i2")
    story.reference.on_record(EXPERIMENT, "e2", ended, (), NOW_MS)
    story.sweep_at(NOW_MS + 2 * HOUR)
    assert [each.experiments for each in story.told()] == [{"e1": "a", "e2": "b"}, {"e1": "a"}]
