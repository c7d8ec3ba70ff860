"""What a request says of its user, and what a user's word does to creatives that are on their way, told on
one lane in memory."""

from __future__ import annotations

from typing import Any

import pytest

from agents.creatives.endings import reason_of
from models.choice.served import WANTED
from models.interest.profile import NEWEST
from streams import records as r
from streams.artifacts.kinds import artifact_key
from streams.artifacts.portraits import portraits_record
from streams.topics import ARTIFACT, CONVERSION, IMPRESSION
from tests.agents.profiles.memory_lane import NOW_MS
from tests.stories.profile_story import USER, Story, requests_of
from tests.streams.artifacts.test_portraits import portraits

SHOWN = "cr_00000000000000aa"
HOUR_MS = 3_600_000


def first_request(story: Story) -> r.CreativeRequest:
    """After clicks enough to know an interest."""
    for i in range(12):
        story.click(i, f"shoes{i}")
    return requests_of(story)[0]


def test_who_is_known_by_few_events_starts_from_a_portrait_where_there_are_some() -> None:
    story = Story()
    record = portraits_record(1, portraits())
    story.reference.on_record(ARTIFACT, artifact_key(record), record, (), 0)
    story.consent()
    asked = first_request(story)
    assert asked.portrait in {each.name for each in portraits().groups}
    leaning = {each.name: each.weight for each in asked.leaning}
    assert max(leaning, key=leaning.__getitem__) == asked.top[0].name == "shoes"
    plain = Story()
    plain.consent()
    without = first_request(plain)
    assert (without.portrait, without.leaning) == (None, []) and without.vector != asked.vector


def test_a_request_says_what_its_user_spends_at_once_and_in_which_money() -> None:
    story, silent = Story(), Story()
    for each in (story, silent):
        each.consent()
    for i, value in enumerate((20.0, 5.0)):
        story.add(CONVERSION.name, USER, NOW_MS - 10 + i, id=f"v{i}", type="purchase", value=value, cur="EUR")
    asked, unasked = first_request(story), first_request(silent)
    assert asked.currency == "EUR" and asked.spending_minor is not None
    assert 990 <= asked.spending_minor <= 1_010, "the geometric mean, in the half precision of the row"
    assert (unasked.currency, unasked.spending_minor) == (None, None)


def impression(story: Story, i: int, **fields: Any) -> None:
    story.add(IMPRESSION.name, USER, NOW_MS + i, **{"id": f"i{i}", "campaign_id": "c1"} | fields)


def test_a_request_says_what_its_user_allows() -> None:
    story = Story()
    story.consent(explicit={"profile": True, "personalise": True, "measure": True, "train": False})
    assert first_request(story).consent == r.Explicit(True, True, True, False)


def test_a_request_asks_for_the_slots_that_its_user_was_seen_in() -> None:
    story = Story()
    story.consent()
    impression(story, 0, creative_id=SHOWN, slot="banner_320x50")
    impression(story, 1, creative_id=SHOWN, slot="text")
    assert first_request(story).context.slots == ["text", "banner_320x50"]


@pytest.mark.parametrize("shown", [0, 1, 2])
def test_a_request_says_how_much_of_a_cap_is_used(shown: int) -> None:
    story = Story()
    story.consent()
    story.creative(SHOWN)
    for i in range(shown):
        impression(story, i, creative_id=SHOWN, slot="native")
    assert first_request(story).caps == ({"c1": shown} if shown else {})


def test_a_restriction_forbids_everything_and_an_objection_personal_use_alone() -> None:
    for kind, counts in (("restrict", False), ("object", True)):
        story = Story()
        story.consent()
        story.privacy(kind)
        impression(story, 0, creative_id=SHOWN, slot="native")
        story.lane.flush()
        assert (story.lane.row("x", USER) is not None) is counts, kind


def test_a_creative_on_its_way_while_its_user_was_erased_is_withdrawn_and_a_later_one_is_not() -> None:
    story = Story()
    story.consent()
    story.privacy("erasure", NOW_MS + HOUR_MS)
    story.consent(ts=NOW_MS + 2 * HOUR_MS)
    story.creative(SHOWN, ts=NOW_MS + 3 * HOUR_MS, cause={"id": "k1", "ts": NOW_MS, "topic": "ads.click.v1"})
    assert story.withdrawn() == [SHOWN]
    story.creative(
        "cr_00000000000000bb", ts=NOW_MS + 3 * HOUR_MS,
        cause={"id": "k2", "ts": NOW_MS + 2 * HOUR_MS, "topic": "ads.click.v1"},
    )  # fmt: skip
    assert story.withdrawn() == [SHOWN]


def test_a_request_names_the_items_that_are_wanted_now_and_those_taken_before() -> None:
    story = Story()
    story.consent()
    assert first_request(story).wanted == [f"shoes{i}" for i in range(7, 7 - WANTED, -1)]
    for i in range(24):
        story.click(30 + i, f"guitars{i}")
        if len(requests_of(story)) > 1:
            break
    shifted = requests_of(story)[1]
    assert shifted.trigger.kind == "shift"
    assert shifted.wanted == [f"guitars{n}" for n in range(i, max(i - WANTED, -1), -1)]
    newest = [f"guitars{n}" for n in range(i, -1, -1)] + [f"shoes{n}" for n in range(11, -1, -1)]
    assert len(shifted.wanted) == WANTED <= i, "more were taken since the interest changed"
    assert shifted.taken == newest[WANTED:NEWEST], "all others that are known: none is offered again"


def test_a_request_says_that_its_user_takes_dearer_things_of_the_same_kind() -> None:
    """The catalogue's shoes cost the more the higher their number."""
    story = Story()
    story.consent()
    for i in range(16):
        story.click(i, f"shoes{i % 8}")
    assert requests_of(story)[0].trigger.price is None and requests_of(story)[0].tier == 1
    for i in range(16, 36):
        story.click(i, f"shoes{22 + i % 8}")
        if len(requests_of(story)) > 1:
            break
    dearer = requests_of(story)[1]
    assert (dearer.trigger.kind, dearer.trigger.price, dearer.tier) == ("shift", r.DEARER, 5)
    assert dearer.trigger.gained == dearer.trigger.lost == [] and dearer.regime == []
    assert dearer.top[0].name == "shoes" and dearer.wanted[0] == f"shoes{22 + i % 8}"
    assert reason_of(dearer).price == r.DEARER
