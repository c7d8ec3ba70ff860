"""What must go, goes: every cause, personal creatives too, and none comes back by a shift, a replay or a
restart."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from agents.profiles.made.revoked import REVOKED
from streams import records as r
from streams.topics import CREATIVE, REVOCATION
from tests.agents.catalogue import campaign, reference_of
from tests.agents.profiles.memory_lane import NOW_MS, MemoryLane, users_of_lane
from tests.agents.traffic import consent, creative
from tests.stories.profile_story import CAPPED, SETTINGS, USER, Story, requests_of

AA, BB = "cr_00000000000000aa", "cr_00000000000000bb"
HOUR = 3_600_000
PHOTO = "ph_" + "a" * 40
SHOWN = [{"role": "ad", "url": "https://cdn.example/a.jpg", "shown": ["ph_b", PHOTO]}]

CAUSES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "paused, ended or deleted": ("campaign", "c1", {"lasting": True}),
    "denied": ("creative", AA, {"lasting": True}),
    "template denied": ("template", "t1", {"lasting": True}),
    "picture denied": ("picture", PHOTO, {"lasting": True}),
    "sold out or deleted": ("item", "item1", {"lasting": True}),
    "repriced": ("item", "item1", {"since": NOW_MS + 1}),
    "switched to defaults": ("switch", "*", {"mode": "defaults_only"}),
    "switched to defaults, one campaign": ("switch", "c1", {"mode": "defaults_only"}),
}


def with_creative(**fields: Any) -> Story:
    story = Story()
    story.consent()
    story.creative(AA, **({"assets": SHOWN} | fields))
    story.lane.flush()
    return story


@pytest.mark.parametrize("cause", CAUSES)
def test_a_live_personal_creative_goes_once_and_does_not_come_back(cause: str) -> None:
    kind, id, more = CAUSES[cause]
    story = with_creative()
    assert not story.lane.sweep(NOW_MS) and not story.withdrawn()
    story.revoke(kind, id, **more)
    story.lane.sweep_out(NOW_MS)
    assert story.withdrawn() == [AA]
    (gone,) = [o for o in story.lane.sent(CREATIVE.name) if o.value is None]
    assert (gone.key, gone.partition) == (f"u:{USER}|c1|native".encode(), 0)
    story.lane.flush()
    assert story.lane.sweep_out(NOW_MS) == 1, "nothing new was said: no round"
    reborn = story.lane.crashed(story.reference, SETTINGS)
    reborn.sweep_out(NOW_MS)
    again = MemoryLane(story.reference, SETTINGS)  # rows lost: everything is read again
    for records in story.log.records.values():
        again.apply(records)
    again.sweep_out(NOW_MS)
    assert not reborn.sent(CREATIVE.name) and [o.value for o in again.sent(CREATIVE.name)] == [None]


@pytest.mark.parametrize("cause", CAUSES)
def test_one_that_arrives_after_its_revocation_is_withdrawn_at_once(cause: str) -> None:
    kind, id, more = CAUSES[cause]
    story = Story()
    story.consent()
    story.revoke(kind, id, **more)
    story.creative(AA, assets=SHOWN)
    assert story.withdrawn() == [AA]
    story.lane.flush()
    assert b"v" + f"u:{USER}|c1|native".encode() not in story.lane.store


def test_what_a_revocation_does_not_touch_stays() -> None:
    story = with_creative()
    for kind, id, more in (
        ("campaign", "c2", {"lasting": True}),
        ("item", "item2", {"lasting": True}),
        ("template", "t2", {"lasting": True}),
        ("creative", BB, {"lasting": True}),
        ("item", "item1", {"since": NOW_MS - 1}),
        ("switch", "*", {"mode": "templates_only"}),
    ):
        story.revoke(kind, id, **more)
    story.lane.sweep_out(NOW_MS)
    assert not story.withdrawn(), "this one was made after the new price, and by no model"


def test_templates_only_withdraws_what_a_model_wrote() -> None:
    tool = {"digital_source_type": "trained_algorithmic_media", "ai_tool": {"name": "copy-lm"}}
    story = with_creative(provenance=tool)
    story.revoke("switch", "*", mode="templates_only")
    story.lane.sweep_out(NOW_MS)
    assert story.withdrawn() == [AA]


def test_a_revoked_creative_replaces_nothing_of_another_campaign() -> None:
    story = with_creative()
    story.revoke("campaign", "c2", lasting=True)
    story.creative(BB, campaign_id="c2", request_id="rq_0000000000000002")
    assert story.withdrawn() == [BB]


def test_a_tombstone_of_an_older_creative_does_not_bring_a_revoked_one_back() -> None:
    story = with_creative()
    story.revoke("item", "item1", lasting=True)
    key = f"u:{USER}|c1|native"
    head = [("creative_id", b"cr_0000000000000001")]
    story.lane.apply([story.log.add(CREATIVE.name, key, None, NOW_MS, head)])
    assert not story.lane.sent(CREATIVE.name)


def returning(story: Story, *told: str) -> list[Any]:
    """Shoes, then pans, then shoes again; `told`: ids of creatives that are denied meanwhile."""
    story.consent()
    for i in range(12):
        story.click(i, f"shoes{i}")
    story.creative(
        AA, request_id=requests_of(story)[0].request_id, item_id="shoes1", expires=NOW_MS + 500 * HOUR
    )
    for i in range(12, 40):
        story.click(i, f"pans{i % 30}")
    for id in told:
        story.revoke("creative", id, lasting=True)
    for i in range(40, 75):
        story.click(i, f"shoes{i % 30}")
    return [request.regime for request in requests_of(story) if request.regime]


def test_denied_copy_is_not_offered_when_its_interest_returns() -> None:
    (first, *_), *_ = returning(Story())
    assert (first.creative_id, first.item_id) == (AA, "shoes1")
    assert returning(Story(), AA) == []


def test_copy_that_was_published_again_goes_with_the_creative_that_had_it_first() -> None:
    story = Story()
    (offered, *_), *_ = returning(story)
    again = next(request for request in requests_of(story) if request.regime)
    words = {
        "headline": offered.copy.headline,
        "description": offered.copy.description,
        "cta": offered.copy.cta,
    }
    story.creative(BB, ts=NOW_MS + 75 * HOUR, request_id=again.request_id, item_id="shoes1", copy=words)
    before = len(story.withdrawn())
    story.revoke("creative", AA, lasting=True)
    story.lane.sweep_out(NOW_MS + 75 * HOUR)
    assert story.withdrawn()[before:] == [BB]


COPY = "cp_00000000000000c1"


def rejected(story: Story) -> list[tuple[str, str, bool]]:
    """What the lane says of copies."""
    sent = story.lane.sent(REVOCATION.name)
    records = [msgspec.json.decode(each.value or b"", type=r.Revocation) for each in sent]
    return [(each.id, each.reason, each.lasting) for each in records if each.kind == "copy"]


def test_copy_of_the_pool_goes_with_a_denied_creative_of_it() -> None:
    story = with_creative(copy_id=COPY)
    story.revoke("creative", AA, lasting=True)
    story.lane.sweep_out(NOW_MS)
    assert rejected(story) == [(COPY, "said", True)]
    again = MemoryLane(story.reference, SETTINGS)
    for records in story.log.records.values():
        again.apply(records)
    story.revoke("copy", COPY, NOW_MS + 1)
    again.sweep_out(NOW_MS)
    assert not again.sent(REVOCATION.name), "a person has approved it since"


def test_copy_stays_where_something_else_of_its_creative_was_revoked() -> None:
    story = with_creative(copy_id=COPY)
    story.revoke("creative", AA)
    story.revoke("item", "item1", lasting=True)
    story.lane.sweep_out(NOW_MS)
    assert story.withdrawn() == [AA] and rejected(story) == []


def test_many_go_in_parts_and_all_of_them() -> None:
    story, users = Story(), users_of_lane(2 * REVOKED + 50)
    for user in users:
        story.lane.apply([consent(story.log, user)])
        story.lane.apply([creative(story.log, user, f"cr_{users.index(user) + 1:016x}")])
    story.lane.flush()
    story.revoke("template", "t1", lasting=True)
    assert story.lane.sweep(NOW_MS) and not story.withdrawn(), "a round begins behind the regular sweep"
    parts = []
    more = True
    while more:
        before = len(story.withdrawn())
        more = story.lane.sweep(NOW_MS)
        parts.append(len(story.withdrawn()) - before)
    assert parts == [REVOKED, REVOKED, 50]


def test_a_new_owner_finishes_what_the_one_before_began() -> None:
    story, users = Story(), users_of_lane(REVOKED + 20)
    for number, user in enumerate(users):
        story.lane.apply([consent(story.log, user)])
        story.lane.apply([creative(story.log, user, f"cr_{number + 1:016x}")])
    story.lane.flush()
    story.revoke("item", "item1", lasting=True)
    story.lane.sweep(NOW_MS)
    story.lane.sweep(NOW_MS)
    story.lane.flush()
    assert len(story.withdrawn()) == REVOKED
    reference = reference_of(SETTINGS, CAPPED)
    reference.revocations = story.reference.revocations
    heir = story.lane.crashed(reference, SETTINGS)
    heir.sweep_out(NOW_MS)
    assert len(heir.sent(CREATIVE.name)) == 20


def in_trial(**treatment: Any) -> Story:
    """A user whose arm of an experiment, which begins in an hour, is treated so."""
    arms = [r.ExperimentArm("all", 1.0, r.Treatment(**treatment))]
    trial = r.Experiment("e1", "salt", arms, NOW_MS + HOUR, NOW_MS + 2 * HOUR)
    story = Story(campaign(experiment=trial))
    story.consent()
    return story


DRAWN = {"arm": "scene.t1", "propensity": 0.5, "policy_version": "p1"}


@pytest.mark.parametrize(
    ("treatment", "goes"),
    [
        ({"holdout": True}, True),
        ({"templates": ["t2"]}, True),
        ({"templates": ["t1"]}, False),
        ({"styles": ["direct"]}, True),
        ({"styles": ["scene"]}, False),
        ({}, False),
    ],
)
def test_a_creative_that_an_arm_does_not_get_goes_when_its_experiment_begins(
    treatment: dict[str, Any], goes: bool
) -> None:
    story = in_trial(**treatment)
    story.creative(AA, experiment=DRAWN)
    story.lane.flush()
    story.lane.sweep_out(NOW_MS)
    assert story.withdrawn() == []
    story.lane.sweep_out(NOW_MS + HOUR)
    assert story.withdrawn() == [AA] * goes
    story.creative(BB, experiment=DRAWN, ts=NOW_MS + HOUR)
    assert story.withdrawn() == [AA, BB] * goes, "also one that comes late"
    assert story.lane.sweep_out(NOW_MS + HOUR) == 1, "nothing began: no round"
