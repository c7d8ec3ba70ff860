"""How requests ended and what was made leaves the lane as absolute counts, exact whatever is read again."""

from __future__ import annotations

import msgspec

from models.measured.latency import latency_bin
from streams import records as r
from streams.topics import DAY_MS, GENERATION, OUTCOME
from tests.agents.profiles.memory_lane import NOW_MS, MemoryLane
from tests.agents.traffic import result
from tests.stories.profile_story import SETTINGS, USER, Story

HOUR_MS = 3_600_000
MADE = {
    "campaign_id": "c1", "slots": ["native", "text"], "template_id": "t1", "arm": "plain|t1", "segment": "s3",
    "queue_ms": 4.0, "total_ms": 650.0, "cpu_ms": 12.5, "review": ["LONG"], "novelty": 0.5,
}  # fmt: skip


def told(lane: MemoryLane) -> dict[tuple[str, ...], r.OutcomeMaking]:
    """The last that was said of each cell and window: campaign, slot, arm, template, segment, size."""
    found: dict[tuple[str, ...], r.OutcomeMaking] = {}
    for output in lane.sent(OUTCOME.name):
        each = msgspec.json.decode(output.value or b"", type=r.Outcome)
        if each.making is not None:
            assert output.key is not None and output.key.endswith(b"|making")
            names = (each.campaign_id, each.slot, each.arm, each.template_id, each.segment)
            found[*names, str(each.window_s)] = each.making
    return found


def ended() -> Story:
    """One request ended with creatives in two slots, two without any."""
    story = Story()
    result(story.log, USER, "rq_1", "model", NOW_MS, **MADE)
    result(story.log, USER, "rq_2", "no_match", NOW_MS + 1, review=["NOTHING_ACCEPTED"])
    result(story.log, USER, "rq_3", "no_match", NOW_MS + 2)
    return story


def test_an_ending_counts_once_in_the_cell_of_its_first_creative() -> None:
    story = ended()
    story.lane.apply(story.log.records[GENERATION.name])
    story.lane.flush()
    for size in ("60", "3600", "86400", "0"):
        made = told(story.lane)["c1", "native", "plain|t1", "t1", "s3", size]
        assert made.by_status == {"model": 1} and made.review == {"LONG": 1}
        assert made.total_bins[latency_bin(650.0)] == 1 == sum(made.total_bins)
        assert (made.cpu_us, made.novelty, made.novelties) == (12_500, 5_000, 1)
        nowhere = told(story.lane)["none", "none", "none", "none", "none", size]
        assert nowhere.by_status == {"no_match": 2} and nowhere.review == {"NOTHING_ACCEPTED": 1}


def test_what_is_read_again_after_a_kill_counts_once() -> None:
    story = ended()
    records = story.log.records[GENERATION.name]
    story.lane.apply(records[:2])
    story.lane.flush()
    story.lane.apply(records[2:])  # never flushed
    reborn = story.lane.crashed(story.reference, SETTINGS)
    reborn.apply(records[1:])
    reborn.apply(records)
    reborn.flush()
    assert told(reborn)["none", "none", "none", "none", "none", "0"].by_status == {"no_match": 2}
    story.lane.outputs.clear()
    again = reborn.crashed(story.reference, SETTINGS)
    assert told(again) and told(again).items() <= told(reborn).items()  # the outbox says it again


def test_creatives_are_counted_with_the_pairs_of_words_of_their_headlines() -> None:
    story = Story()
    story.consent()
    story.creative("cr_0000000000000001")
    story.creative("cr_0000000000000002")
    story.lane.flush()
    made = told(story.lane)["c1", "native", "plain|t1", "t1", "none", "0"]
    assert (made.creatives, made.bigrams) == (2, 4)  # "trail shoes", "shoes 001"; "trail shoes", "shoes 002"
    assert int(made.sketch, 16).bit_count() == 3


def test_lives_are_sent_again_each_day_and_windows_go_when_nothing_can_change_them() -> None:
    story = ended()
    story.lane.apply(story.log.records[GENERATION.name])
    story.lane.flush()
    story.lane.sweep(NOW_MS)
    story.lane.now_ms += HOUR_MS
    story.lane.flush()
    story.lane.outputs.clear()
    story.lane.sweep(NOW_MS + HOUR_MS)
    story.lane.flush()
    assert not story.lane.sent(OUTCOME.name)
    story.lane.now_ms = NOW_MS + 30 * DAY_MS
    story.lane.sweep(NOW_MS + 30 * DAY_MS)
    story.lane.now_ms += HOUR_MS
    story.lane.flush()
    assert {names[-1] for names in told(story.lane)} == {"0"}
    rows = [key for key in story.lane.store if key[:1] == b"g" and len(key) > 1]
    assert len(rows) == 2
