"""What a lane counts of positives and requests is exact over crashes and leaves when it is durable."""

from __future__ import annotations

import msgspec

from agents.profiles.rows.triggers import TOLD_MS
from streams import records as r
from streams.topics import CLICK, TRIGGER
from tests.agents.profiles.memory_lane import NOW_MS
from tests.stories.profile_story import SETTINGS, USER, Story, requests_of


def counts_of(story: Story) -> list[r.TriggerCount]:
    sent = story.lane.sent(TRIGGER.name)
    assert all((output.key, output.partition) == (b"0", 0) for output in sent)
    return [msgspec.json.decode(output.value or b"", type=r.TriggerCount) for output in sent]


def shifting(story: Story) -> None:
    story.consent()
    for i in range(20):
        story.click(i, f"shoes{i}")
    for i in range(24):
        story.click(20 + i, f"guitars{i}")


def test_positives_and_requests_are_counted_and_told_after_the_flush() -> None:
    story = Story()
    shifting(story)
    assert counts_of(story) == [], "not before it is durable"
    story.lane.flush()
    (count,) = counts_of(story)
    kinds = [each.trigger.kind for each in requests_of(story)]
    assert count == r.TriggerCount(0, 44, kinds.count("first"), kinds.count("shift"), NOW_MS)
    assert count.first == 1 and count.shift >= 1


def test_a_crash_counts_nothing_twice_and_the_next_owner_tells_again() -> None:
    story = Story()
    shifting(story)
    story.lane.flush()
    (before,) = counts_of(story)
    lost = story.click
    lost(60, "shoes1")
    story.lane = story.lane.crashed(story.reference, SETTINGS)
    assert counts_of(story) == [before]
    story.lane.apply(story.log.records[CLICK.name][-1:])
    story.lane.apply(story.log.records[CLICK.name][-3:])  # applied before: the fence knows
    story.lane.now_ms += TOLD_MS
    story.lane.flush()
    assert counts_of(story)[-1].positives == before.positives + 1


def test_counts_leave_every_few_seconds_at_most_and_only_when_they_changed() -> None:
    story = Story()
    shifting(story)
    story.lane.flush()
    for second in range(30):
        story.lane.now_ms += 1_000
        if second < 20:
            story.click(60 + second, "shoes1")
        story.lane.flush()
    assert len(counts_of(story)) == 3
    assert counts_of(story)[-1].positives == 64


def test_what_is_not_learnt_is_not_counted() -> None:
    story = Story()
    story.add(CLICK.name, USER, NOW_MS, id="k", item_id="shoes1")
    story.lane.flush()
    assert counts_of(story) == []
