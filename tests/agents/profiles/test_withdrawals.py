"""What users take back, with whatever event, is told once, with all that it is about."""

from __future__ import annotations

import msgspec

from agents.exposure_log.withdrawn import MEASURE, TRAIN, Withdrawn
from streams import records as r
from streams.topics import BEHAVIOR, CLICK, CONSENT, WITHDRAWAL
from tests.agents.profiles.memory_lane import NOW_MS
from tests.agents.traffic import add, consent
from tests.stories.profile_story import OTHER, USER, Story

DAY = 86_400_000
ALL = {"profile": True, "personalise": True, "measure": True, "train": True}
NO_TRAINING = ALL | {"train": False}


def told(story: Story) -> list[r.Withdrawal]:
    sent = story.lane.sent(WITHDRAWAL.name)
    assert all(each.key == msgspec.json.decode(each.value or b"")["user"].encode() for each in sent)
    return [msgspec.json.decode(each.value or b"", type=r.Withdrawal) for each in sent]


def heard(story: Story, purpose: str) -> Withdrawn:
    """By a reader that starts now: of the consent topic it finds the last statement alone."""
    found = Withdrawn(purpose)
    last = story.log.records[CONSENT.name][-1]
    found.on_record(CONSENT, USER, msgspec.json.decode(last.value or b"", type=r.Consent), (), last.timestamp)
    for each in told(story):
        found.on_record(WITHDRAWAL, each.user, each, (), NOW_MS)
    return found


def test_a_statement_in_an_event_takes_back_what_was_before_it() -> None:
    story = Story()
    story.consent(explicit=ALL)
    for n, said in enumerate((NO_TRAINING, NO_TRAINING, NO_TRAINING | {"measure": False})):
        story.add(CLICK.name, USER, NOW_MS + (n + 1) * DAY, id=f"k{n}", explicit=said)
    assert told(story) == [
        r.Withdrawal(USER, NOW_MS + DAY, ["train"]),
        r.Withdrawal(USER, NOW_MS + 3 * DAY, ["measure"]),
    ]
    assert not heard(story, TRAIN).allows(USER, NOW_MS + DAY)
    assert heard(story, TRAIN).allows(USER, NOW_MS + DAY + 1)
    assert heard(story, MEASURE).allows(USER, NOW_MS + 3 * DAY + 1)
    assert not heard(story, MEASURE).allows(USER, NOW_MS + 2 * DAY)


def test_agreeing_again_allows_what_comes_and_gives_nothing_back() -> None:
    """Also where both statements come in one batch, and where compaction leaves the last."""
    story = Story()
    story.consent(explicit=ALL)
    said = [(OTHER, NOW_MS, ALL), (USER, NOW_MS + 5, NO_TRAINING), (USER, NOW_MS + 9, ALL)]
    story.lane.apply([consent(story.log, user, ts, explicit) for user, ts, explicit in said])
    assert told(story) == [r.Withdrawal(USER, NOW_MS + 5, ["train"])]
    reader = heard(story, TRAIN)
    assert not reader.allows(USER, NOW_MS + 5)
    assert reader.allows(USER, NOW_MS + 6)
    assert reader.allows(OTHER, NOW_MS)


def test_a_statement_that_comes_late_covers_what_was_processed_before_it() -> None:
    story = Story()
    story.consent(explicit=ALL)
    story.add(CLICK.name, USER, NOW_MS + DAY, id="k1")
    story.add(BEHAVIOR.name, USER, NOW_MS + 5, id="b1", type="page", explicit=NO_TRAINING)
    (said,) = told(story)
    assert NOW_MS + DAY <= said.ts < NOW_MS + DAY + 1_000


def test_who_never_agreed_and_who_repeats_it_take_nothing_back() -> None:
    story = Story()
    story.add(CLICK.name, OTHER, NOW_MS, id="k0", explicit=NO_TRAINING)
    story.consent(explicit=ALL)
    again = add(story.log, CLICK.name, USER, NOW_MS + DAY, id="k1", explicit=NO_TRAINING)
    story.lane.apply([again])
    story.lane.apply([again])
    assert len(told(story)) == 1
