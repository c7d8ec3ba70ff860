"""A user's segment on ads.audience.v1: with consent, anew when it or its number changes, gone with either."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from models.choice.served import nearest_segment
from models.segments import segment_name
from streams.records import AudienceSegment
from streams.topics import AUDIENCE, CLICK, CONSENT
from tests.agents.profiles.memory_lane import NOW_MS
from tests.stories.profile_story import USER, Story, requests_of


def told(story: Story) -> list[AudienceSegment | None]:
    return [
        None if o.value is None else msgspec.json.decode(o.value, type=AudienceSegment)
        for o in story.lane.sent(AUDIENCE.name)
    ]


def interested(explicit: dict[str, bool] | None = None) -> Story:
    story = Story()
    story.consent(explicit=explicit)
    for i in range(9):
        story.click(i, f"shoes{i}", NOW_MS - 500 + i)
    return story


def test_the_segment_of_a_request_is_told_to_ad_servers_once() -> None:
    story = interested()
    (request,) = requests_of(story)
    (said,) = told(story)
    assert said is not None and said.user == USER and said.segment == request.segment
    assert said.catalog_version == request.catalog_version and said.ts == request.cause.ts
    (output,) = story.lane.sent(AUDIENCE.name)
    assert output.key == USER.encode() and output.partition == story.lane.lane


def test_a_replay_tells_the_same_under_the_same_id() -> None:
    def ids(story: Story) -> list[Any]:
        return [(dict(o.headers)["ce_id"], o.value) for o in story.lane.sent(AUDIENCE.name)]

    assert ids(interested()) == ids(interested()) != []


def test_without_consent_to_personalise_nothing_is_told() -> None:
    assert told(interested({"profile": True, "personalise": False, "measure": True})) == []


@pytest.mark.parametrize("kind", ["erasure", "object", "restrict"])
def test_a_privacy_request_takes_the_segment_back(kind: str) -> None:
    story = interested()
    ack = story.privacy(kind)
    assert told(story)[1:] == [None]
    assert (AUDIENCE.name in {store.name for store in ack.stores}) is (kind == "erasure")
    story.lane.flush()
    row = story.lane.row("p", USER)
    assert row is None or row["audience"] == 0


def test_a_withdrawal_takes_the_segment_back_also_when_the_row_that_says_so_is_lost() -> None:
    story = interested()
    again = Story()
    again.log.records[CONSENT.name] = list(story.log.records[CONSENT.name])
    again.lane.apply(story.log.records[CONSENT.name])
    for one in (story, again):
        one.consent(ts=NOW_MS + 1_000, explicit={"profile": False, "personalise": False})
        assert told(one)[-1] is None


def test_an_idle_user_is_in_no_segment_any_more() -> None:
    story = interested()
    story.lane.flush()
    story.lane.sweep(NOW_MS + 200 * 86_400_000)
    assert told(story)[1:] == [None]


def test_another_catalogue_version_tells_its_own_number_at_the_next_event() -> None:
    story = interested()
    story.lane.flush()
    catalog = story.lane.workload._reference.snapshot().catalog
    assert catalog is not None
    view = story.lane._view()
    _, found = view.rows([USER.encode()])
    found["p"]["audience_version"][0] = 0  # as a version before would have numbered it
    view.mark("p", found["p"]["audience"] != 0)
    story.lane._keep(view)
    story.add(CLICK.name, USER, NOW_MS, id="later", item_id="shoes1")
    said = told(story)[-1]
    story.lane.flush()
    row = story.lane.row("p", USER)
    assert len(told(story)) == 2 and said is not None
    assert said.segment == segment_name(nearest_segment(row, catalog.segments))
    assert (row["audience_version"], said.catalog_version) == (catalog.version, catalog.version)
