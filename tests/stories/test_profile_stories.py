"""What users and ad servers see of the profile agent, told on one lane in memory."""

from __future__ import annotations

import json

import msgspec
import pytest

from agents.profiles import requests
from streams import records as r
from streams.topics import BEHAVIOR, CLICK, CONVERSION, CREATIVE, IMPRESSION, OUTCOME, REQUEST
from streams.wire.withdrawals import CAP_REACHED, CREATIVE_CAP_REACHED, withdrawn_because
from tests.agents.catalogue import campaign, catalog_of_nouns, reference_of
from tests.agents.profiles.memory_lane import NOW_MS
from tests.agents.traffic import add, creative
from tests.stories.profile_story import CAPPED, ELSEWHERE, SETTINGS, USER, Story, requests_of


def test_a_shift_becomes_one_request_with_everything_in_it() -> None:
    story = Story()
    story.consent()
    for i in range(12):
        story.click(i, f"shoes{i}")
    for i in range(12, 40):
        story.click(i, f"pans{i % 30}")
    first, *shifts = requests_of(story)
    assert first.trigger.kind == "first" and first.cause.id == "k7" and first.top[0].name == "shoes"
    shift = shifts[0]
    assert shift.trigger.kind == "shift" and "pans" in [each.name for each in shift.trigger.gained]
    assert shift.consent == r.Explicit(True, True, True, True)
    assert (first.tier, shift.tier) == (1, 3), "the cheapest shoes, then pans in the middle of their prices"
    assert shift.items and shift.vector and shift.catalog_version == 1 and shift.n_trig == 2
    appended = {record.offset: record.timestamp for record in story.log.records[CLICK.name]}
    assert first.cause_appended == appended[7], "when the click came, whatever its own time"
    assert all(len(o.value or b"") <= requests.MAX_BYTES for o in story.lane.sent(REQUEST.name))
    again = Story()
    again.consent()
    for i in range(12):
        again.click(i, f"shoes{i}")
    assert requests_of(again)[0].request_id == first.request_id


def test_the_impression_that_reaches_a_cap_withdraws() -> None:
    story = Story()
    story.consent()
    story.creative("cr_00000000000000aa")
    for i in range(2):
        assert not story.withdrawn()
        story.add(
            IMPRESSION.name,
            USER,
            NOW_MS + i,
            id=f"i{i}",
            creative_id="cr_00000000000000aa",
            campaign_id="c1",
            slot="native",
        )
    assert story.withdrawn() == ["cr_00000000000000aa"]
    story.creative("cr_00000000000000bb", ts=NOW_MS + 10)
    assert story.withdrawn() == ["cr_00000000000000aa", "cr_00000000000000bb"]


def test_a_creative_that_was_seen_enough_goes_alone_until_its_campaign_was() -> None:
    story = Story(campaign(cap=[r.Cap(2, 3_600, "creative"), r.Cap(3, 30 * 86_400)]))
    story.consent()
    story.creative("cr_00000000000000aa", slot="native")
    story.creative("cr_00000000000000ab", slot="text")

    def show(i: int, creative_id: str) -> None:
        shown = {"creative_id": creative_id, "campaign_id": "c1"}
        story.add(IMPRESSION.name, USER, NOW_MS + i, id=f"i{i}", **shown)

    show(0, "cr_00000000000000aa")
    show(1, "cr_00000000000000aa")
    assert story.withdrawn() == ["cr_00000000000000aa"]
    show(2, "cr_00000000000000ab")
    assert story.withdrawn() == ["cr_00000000000000aa", "cr_00000000000000ab"]
    gone = [o.headers for o in story.lane.sent(CREATIVE.name) if o.value is None]
    assert [withdrawn_because(each) for each in gone] == [CREATIVE_CAP_REACHED, CAP_REACHED]


def test_a_newer_request_replaces_other_keys_and_slots_of_one_request_stay() -> None:
    story = Story()
    story.consent()
    story.creative("cr_00000000000000aa", slot="native")
    story.creative("cr_00000000000000ab", slot="text")
    assert not story.withdrawn()
    story.creative("cr_00000000000000ba", slot="native", request_id="rq_0000000000000002")
    assert story.withdrawn() == ["cr_00000000000000ab"]


def test_a_tombstone_read_after_a_newer_creative_publishes_that_one_again() -> None:
    story = Story()
    story.consent()
    story.creative("cr_00000000000000aa")
    newer = creative(story.log, USER, "cr_00000000000000bb", request_id="rq_0000000000000002")
    story.lane.apply([newer])
    key = f"u:{USER}|c1|native"
    story.lane.apply(
        [story.log.add(CREATIVE.name, key, None, NOW_MS, [("creative_id", b"cr_00000000000000aa")])]
    )
    again = [o for o in story.lane.sent(CREATIVE.name) if o.value is not None]
    assert [(o.key, o.value) for o in again] == [(key.encode(), newer.value)]
    story.lane.apply(
        [story.log.add(CREATIVE.name, key, None, NOW_MS, [("creative_id", b"cr_00000000000000bb")])]
    )
    assert len([o for o in story.lane.sent(CREATIVE.name) if o.value is not None]) == 1


def test_a_returning_interest_brings_its_old_creative_along() -> None:
    story = Story()
    story.consent()
    for i in range(12):
        story.click(i, f"shoes{i}")
    story.creative("cr_00000000000000aa", request_id=requests_of(story)[0].request_id, item_id="shoes1")
    for i in range(12, 40):
        story.click(i, f"pans{i % 30}")
    for i in range(40, 75):
        story.click(i, f"shoes{i % 30}")
    returned = [request for request in requests_of(story) if request.regime]
    assert (
        returned
        and returned[0].regime[0].item_id == "shoes1"
        and returned[0].regime[0].copy.cta == "Shop now"
    )
    assert returned[0].live and returned[0].recent


def test_the_sweep_withdraws_what_expired() -> None:
    story = Story()
    story.consent()
    story.creative("cr_00000000000000aa", expires=NOW_MS + 1_000)
    story.lane.flush()
    story.lane.sweep(NOW_MS + 1_000 + 3_500_000)
    assert not story.withdrawn()
    story.lane.sweep(NOW_MS + 1_000 + 3_700_000)
    assert story.withdrawn() == ["cr_00000000000000aa"]
    story.lane.flush()
    story.lane.sweep(NOW_MS + 200 * 86_400_000)
    story.lane.flush()
    assert story.lane.row("x", USER) is None and story.lane.row("c", USER) is not None


def test_a_user_is_forgotten_ninety_days_after_the_last_event_and_not_before() -> None:
    story = Story()
    story.consent()
    story.click(0, "shoes0", NOW_MS)
    story.lane.flush()
    story.lane.sweep(NOW_MS + 89 * 86_400_000)
    story.lane.flush()
    assert story.lane.row("p", USER) is not None
    story.lane.sweep(NOW_MS + 91 * 86_400_000)
    story.lane.flush()
    assert story.lane.row("p", USER) is None


def test_what_a_user_hides_is_not_asked_for_again() -> None:
    story = Story()
    story.consent()
    for i in range(12):
        story.click(i, f"shoes{i}")
    hide = {"type": "feedback", "feedback": "hide", "item_id": "pans3"}
    story.add(BEHAVIOR.name, USER, NOW_MS + 12 * 3_600_000, id="h1", **hide)
    for i in range(13, 40):
        story.click(i, f"tents{i % 30}")
    before, *after = requests_of(story)
    [pans] = after[0].suppressed
    assert before.suppressed == [] and catalog_of_nouns().code_names[pans] == "pans"


def test_the_sweep_keeps_who_is_not_measured_and_what_has_not_expired() -> None:
    story = Story()
    story.consent(explicit={"profile": True, "personalise": True})  # such a user's events enter no metric
    story.click(0, "shoes0", NOW_MS)
    story.lane.flush()
    story.lane.sweep(NOW_MS + 1_000)
    story.creative("cr_00000000000000aa")
    story.lane.flush()
    story.lane.sweep(NOW_MS + 2_000)
    story.lane.flush()
    assert story.lane.row("p", USER)["n_click"] == 1 and not story.withdrawn()


def test_bad_input_ends_in_dead_letters_each_with_its_reason() -> None:
    story = Story()
    story.consent()
    bad = [
        (b"{broken", NOW_MS, USER, "not_json"),
        (b'{"id": 5, "ts": 1, "user": "x"}', NOW_MS, USER, "wrong_type"),
        (
            json.dumps({"id": "k", "ts": NOW_MS, "user": ELSEWHERE}).encode(),
            NOW_MS,
            ELSEWHERE,
            "wrong_partition",
        ),
        (
            json.dumps({"id": "k", "ts": NOW_MS, "user": USER, "campaign_id": "nobody"}).encode(),
            NOW_MS,
            USER,
            "unknown_campaign",
        ),
        (json.dumps({"id": "k", "ts": NOW_MS + 10**7, "user": USER}).encode(), NOW_MS, USER, "in_future"),
        (json.dumps({"id": "k", "ts": NOW_MS - 10**9, "user": USER}).encode(), NOW_MS, USER, "too_old"),
    ]
    records = [story.log.add(CLICK.name, user, value, ts) for value, ts, user, _ in bad]
    records.append(add(story.log, CLICK.name, USER, NOW_MS, id="good"))
    story.lane.apply(records)
    story.lane.flush()
    assert sorted(story.reasons()) == sorted(reason for *_, reason in bad)
    assert story.lane.row("p", USER)["n_click"] == 1


def test_feedback_is_counted_where_the_creative_is() -> None:
    story = Story()
    story.consent()
    story.add(
        BEHAVIOR.name,
        USER,
        NOW_MS,
        id="b1",
        type="feedback",
        feedback="hide",
        creative_id="cr_00000000000000aa",
    )
    story.creative("cr_00000000000000aa")
    story.lane.flush()
    day = [msgspec.json.decode(o.value or b"", type=r.Outcome) for o in story.lane.sent(OUTCOME.name)]
    assert {(o.arm, o.counts.hides) for o in day if o.window_s == 86_400 and o.making is None} == {
        ("plain|t1", 1),
        ("unattributed", 0),
    }


def test_after_a_crash_the_outbox_publishes_again() -> None:
    story = Story()
    story.consent()
    story.click(1, "shoes1")
    story.lane.flush()
    sent = {
        (o.key, msgspec.json.decode(o.value or b"", type=r.Outcome).counts.clicks)
        for o in story.lane.sent(OUTCOME.name)
    }
    reborn = story.lane.crashed(reference_of(SETTINGS, CAPPED), SETTINGS)
    again = {
        (o.key, msgspec.json.decode(o.value or b"", type=r.Outcome).counts.clicks)
        for o in reborn.sent(OUTCOME.name)
    }
    assert sent == again and sent


@pytest.mark.parametrize(
    ("text", "ms"),
    [(b"1795291200000", 1_795_291_200_000), (b"9" * 5_000, None), (b"-1", None), (b"soon", None)],
)
def test_a_header_that_names_no_time_costs_no_event(text: bytes, ms: int | None) -> None:
    story = Story()
    story.consent()
    for i in range(9):
        record = add(story.log, CLICK.name, USER, NOW_MS + i * 3_600_000, id=f"k{i}", item_id=f"shoes{i}")
        record.headers = [(requests.INTENDED_HEADER, text)]
        story.lane.apply([record])
    assert [request.intended_ts for request in requests_of(story)] == [ms]


def money_by_campaign(story: Story) -> dict[tuple[str, str], int]:
    """EUR cents of a day by campaign and arm, as last told."""
    story.lane.flush()
    told: dict[bytes | None, r.Outcome] = {}
    for output in story.lane.sent(OUTCOME.name):
        told[output.key] = msgspec.json.decode(output.value or b"", type=r.Outcome)
    days = [each for each in told.values() if each.window_s == 86_400 and each.counts.conversions]
    return {(each.campaign_id, each.arm): each.value_minor.get("EUR", 0) for each in days}


def test_a_return_goes_where_its_order_went_and_a_sale_to_the_click_it_names() -> None:
    own = r.Attribution(click_s=60, view_s=0)
    story = Story(campaign(), campaign(campaign_id="c2"), campaign(campaign_id="c3", attribution=own))
    story.consent()
    for k, shown in enumerate(("c1", "c2", "c3")):
        at = NOW_MS + k * 600_000
        where = {"creative_id": None, "campaign_id": shown}
        story.add(IMPRESSION.name, USER, at, id=f"i{k}", **where)
        story.add(CLICK.name, USER, at + 1_000, id=f"k{k}", imp_id=f"i{k}")
        sold = {"type": "purchase", "cur": "EUR"}
        story.add(CONVERSION.name, USER, at + 90_000, id=f"s{k}", value=10 + k, order=f"o{k}", **sold)
    story.add(CONVERSION.name, USER, NOW_MS + 3_000_000, id="back", value=-4, order="o0", **sold)
    story.add(CONVERSION.name, USER, NOW_MS + 3_000_000, id="lost", value=-1, order="o9", **sold)
    story.add(CONVERSION.name, USER, NOW_MS + 3_000_000, id="named", value=50, click_id="k0", **sold)
    assert money_by_campaign(story) == {
        ("c1", "none"): 5_600,
        ("c2", "none"): 2_300,  # also what was bought 89 s after the click on c3, whose clicks earn for 60
        ("none", "unattributed"): -100,
    }
