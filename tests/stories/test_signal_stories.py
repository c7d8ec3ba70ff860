"""What users tell without a click: views, searches, likes and "less of this", on one lane in memory."""

from __future__ import annotations

from typing import Any

import pytest

from models.choice.served import suppressed_codes, top_codes
from streams.topics import BEHAVIOR, REQUEST
from tests.agents.catalogue import catalog_of_nouns
from tests.agents.profiles.memory_lane import NOW_MS
from tests.stories.profile_story import USER, Story, requests_of

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


def behaves(story: Story, n: int, type: str, ts: int | None = None, **fields: Any) -> None:
    at = NOW_MS + n * MINUTE_MS if ts is None else ts
    story.add(BEHAVIOR.name, USER, at, id=f"b{n}", type=type, **fields)


def top_interest(story: Story, now_ms: int = NOW_MS) -> str:
    story.lane.flush()
    (code, _), *_ = top_codes(story.lane.row("p", USER), now_ms)
    return catalog_of_nouns().code_names[code]


def test_browsing_and_searching_alone_teach_an_interest_and_bring_a_first_creative() -> None:
    story = Story()
    story.consent()
    for n in range(20):
        if n % 5 == 0:
            behaves(story, n, "search", text="Light guitars")
        elif n % 5 == 1:
            behaves(story, n, "video", item_id="guitars3", dwell_ms=40_000)
        else:
            behaves(story, n, "product", item_id=f"guitars{n}")
    (first,) = requests_of(story)
    assert first.trigger.kind == "first" and first.cause.topic == BEHAVIOR.name
    assert first.top[0].name == top_interest(story) == "guitars"


def test_pages_read_by_their_categories_and_keywords_alone_bring_a_first_creative() -> None:
    story = Story()
    story.consent()
    for n in range(40):
        field, said = ("kwarray", "tent") if n % 2 else ("cat", "outdoors.tents")
        behaves(story, n, "page", None, dwell_ms=45_000, **{field: [said]})
    (first,) = requests_of(story)
    assert first.trigger.kind == "first" and first.top[0].name == top_interest(story) == "tents"


def test_a_search_for_another_category_moves_the_top_interest_within_five_events() -> None:
    story = Story()
    story.consent()
    for i in range(12):
        story.click(i, f"shoes{i}")
    assert top_interest(story) == "shoes"
    for n in range(5):
        behaves(story, n, "search", NOW_MS + (13 + n) * HOUR_MS, text="tents for two")
    assert top_interest(story) == "tents"
    shifted = requests_of(story)[-1]
    assert shifted.trigger.kind == "shift" and shifted.top[0].name == "tents"


def test_a_like_of_words_counts_at_once_and_less_of_this_hides_what_they_speak_of() -> None:
    story = Story()
    story.consent()
    behaves(story, 0, "feedback", feedback="like", text="bikes")
    assert top_interest(story) == "bikes"
    behaves(story, 1, "feedback", feedback="hide", text="bikes")
    story.lane.flush()
    row = story.lane.row("p", USER)
    bikes = catalog_of_nouns().code_names.index("bikes")
    assert suppressed_codes(row, NOW_MS) == {bikes} and not top_codes(row, NOW_MS)


def test_words_are_neither_stored_nor_published() -> None:
    story = Story()
    story.consent()
    for n in range(10):
        behaves(story, n, "search", text=f"guitars mysecretword{n}")
    story.lane.flush()
    assert story.lane.sent(REQUEST.name)
    kept = b"".join(story.lane.store.values()) + b"".join(
        each.value or b"" for each in story.lane.sent(REQUEST.name)
    )
    assert b"mysecretword" not in kept


def states(story: Story, n: int, what: str, ts: int, **fields: Any) -> None:
    behaves(story, n, "feedback", ts, feedback=what, **fields)


def shown(story: Story, creative_id: str, item_id: str, slot: str) -> None:
    story.creative(creative_id, item_id=item_id, slot=slot, request_id=requests_of(story)[-1].request_id)


def used_to_shoes() -> Story:
    """Forty clicks on one interest, with creatives of it and of another."""
    story = Story()
    story.consent()
    for i in range(40):
        story.click(i, f"shoes{i % 30}")
    shown(story, "cr_00000000000000a1", "shoes1", "native")
    shown(story, "cr_00000000000000a2", "tents1", "text")
    return story


def test_a_stated_preference_is_the_strongest_interest_at_once_and_asks_for_its_creative() -> None:
    story = used_to_shoes()
    before = len(requests_of(story))
    at = NOW_MS + 39 * HOUR_MS + MINUTE_MS  # within the cooldown of any trigger of the last click
    states(story, 0, "prefer", at, text="tents")
    assert top_interest(story, at) == "tents"
    (asked,) = requests_of(story)[before:]
    assert asked.trigger.kind == "shift" and asked.top[0].name == "tents" and asked.cause.id == "b0"
    assert story.withdrawn() == ["cr_00000000000000a1"], "what he liked before goes, what he prefers stays"
    states(story, 1, "prefer", at + MINUTE_MS, item_id="tents2")
    assert len(requests_of(story)) == before + 1, "nothing new was said"


def test_a_preference_alone_brings_the_first_creative() -> None:
    story = Story()
    story.consent()
    states(story, 0, "prefer", NOW_MS, text="guitars")
    (asked,) = requests_of(story)
    assert asked.trigger.kind == "first" and asked.top[0].name == "guitars" == top_interest(story)


def test_what_is_to_be_avoided_is_withdrawn_at_once_and_stays_hidden_until_it_is_preferred() -> None:
    story = used_to_shoes()
    at = NOW_MS + 40 * HOUR_MS
    states(story, 0, "avoid", at, text="tents")
    assert story.withdrawn() == ["cr_00000000000000a2"]
    story.lane.flush()
    tents = catalog_of_nouns().code_names.index("tents")
    years = at + 3 * 365 * 24 * HOUR_MS
    assert suppressed_codes(story.lane.row("p", USER), years) == {tents}
    states(story, 1, "prefer", at + MINUTE_MS, text="tents")
    assert top_interest(story, at) == "tents"
    assert not suppressed_codes(story.lane.row("p", USER), at)


SHOES, MORE_SHOES, TENTS = (f"cr_00000000000000b{n}" for n in range(3))


@pytest.mark.parametrize("said", ["hide", "report"])
@pytest.mark.parametrize(
    ("named", "gone"),
    [
        ({"creative_id": SHOES}, [SHOES, MORE_SHOES]),
        ({"creative_id": TENTS, "item_id": "tents9"}, [TENTS]),
        ({"creative_id": "cr_00000000000000ff", "item_id": "shoes5"}, [SHOES, MORE_SHOES]),
        ({"creative_id": "cr_00000000000000ff"}, []),
        ({"text": "tents"}, [TENTS]),
    ],
    ids=["shoes", "tents", "a shared one of shoes", "a foreign one", "words"],
)
def test_what_is_hidden_is_withdrawn_at_once_with_what_is_like_it(
    said: str, named: dict[str, Any], gone: list[str]
) -> None:
    story = Story()
    story.consent()
    own = ((SHOES, "native", "shoes1"), (MORE_SHOES, "text", "shoes2"), (TENTS, "social_1x1", "tents1"))
    for id, slot, item in own:
        story.creative(id, slot=slot, item_id=item, request_id="rq_0000000000000001")
    behaves(story, 1, "feedback", feedback=said, **named)
    assert story.withdrawn() == gone
    behaves(story, 2, "feedback", feedback=said, **named)
    assert story.withdrawn() == gone, "once"


def test_a_hide_that_comes_twice_or_without_consent_withdraws_nothing() -> None:
    story = Story()
    story.creative(SHOES)
    denied = story.withdrawn()
    behaves(story, 1, "feedback", feedback="hide", creative_id=SHOES)
    assert story.withdrawn() == denied == [SHOES], "it was never shown"


def test_a_preference_without_the_purpose_changes_nothing_and_an_erasure_removes_it() -> None:
    story = Story()
    story.consent(explicit={"profile": False, "personalise": True, "measure": True})
    states(story, 0, "prefer", NOW_MS, text="tents")
    story.lane.flush()
    assert not requests_of(story) and story.lane.row("p", USER) is None
    other = used_to_shoes()
    states(other, 0, "avoid", NOW_MS + 40 * HOUR_MS, text="tents")
    other.privacy("erasure", NOW_MS + 41 * HOUR_MS)
    other.lane.flush()
    assert other.lane.row("p", USER) is None


def test_without_personalising_a_preference_is_learnt_and_asks_for_nothing() -> None:
    story = Story()
    story.consent(explicit={"profile": True, "personalise": False, "measure": True})
    for i in range(12):
        story.click(i, f"shoes{i}")
    states(story, 0, "prefer", NOW_MS + 13 * HOUR_MS, text="tents")
    assert top_interest(story) == "tents" and not requests_of(story)
