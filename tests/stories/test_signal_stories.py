"""What users tell without a click: views, searches, likes and "less of this", on one lane in memory."""

from __future__ import annotations

from typing import Any

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
