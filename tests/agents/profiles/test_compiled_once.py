"""After the warm-up a whole life of the profile agent compiles nothing, whatever arrives in whatever form."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from models.kernels.compiled import compile_kernels, count_compilations, declared_kernels
from streams.topics import BEHAVIOR, CLICK, CONVERSION, CREATIVE, IMPRESSION
from tests.agents.catalogue import campaign, catalog_of_nouns, publish, reference_of
from tests.agents.profiles.memory_lane import NOW_MS, MemoryLane, users_of_lane
from tests.agents.traffic import random_log
from tests.stories.profile_story import CAPPED, SETTINGS, USER, Story, requests_of

DAY_MS = 86_400_000
Fields = dict[str, Any]
BEHAVIORS: dict[str, Fields] = {
    "page": {},
    "product": {"item_id": "pans1"},
    "cart": {"item_id": "pans2"},
    "search": {"text": "pans"},
    "dwell": {"item_id": "pans3", "dwell_ms": 40_000},
    "feedback": {"item_id": "rugs1", "feedback": "hide"},
    "video": {"item_id": "gone"},
}


@pytest.fixture(autouse=True)
def nothing_compiled() -> Iterator[None]:
    compile_kernels()
    before = count_compilations()
    yield
    assert count_compilations() == before
    assert {len(each.signatures) for each in declared_kernels()} == {1}


def test_every_topic_in_any_order_and_a_restart() -> None:
    reference = reference_of(SETTINGS, CAPPED, campaign(campaign_id="c2"))
    log, rng = random_log(3, users_of_lane(8), 400), random.Random(3)
    lane = MemoryLane(reference, SETTINGS)
    for topic in rng.sample(sorted(log.records), len(log.records)):
        for start in range(0, len(log.records[topic]), 60):
            lane.apply(log.records[topic][start : start + 60])
        lane.flush()
    again = lane.crashed(reference, SETTINGS)
    again.apply(log.records[CLICK.name][-60:])
    again.flush()
    assert {IMPRESSION.name, CLICK.name, CONVERSION.name, BEHAVIOR.name, CREATIVE.name} <= log.records.keys()


def test_a_user_from_the_first_click_to_the_erasure() -> None:
    story = Story()
    story.click(0, "shoes0")  # before any consent
    story.consent()
    for i in range(1, 13):
        story.click(i, f"shoes{i}")
    story.creative("cr_00000000000000aa", request_id=requests_of(story)[0].request_id)
    for kind, fields in BEHAVIORS.items():
        story.add(BEHAVIOR.name, USER, NOW_MS + 13 * 3_600_000, id=f"b-{kind}", type=kind, **fields)
    sale: Fields = {
        "type": "purchase",
        "value": 12.5,
        "cur": "EUR",
        "items": [{"item_id": "pans2", "qty": 1}],
    }
    story.add(CONVERSION.name, USER, NOW_MS + 13 * 3_600_000, id="s1", **sale)
    catalog = catalog_of_nouns()
    publish(story.lane.workload._reference, replace(catalog, version=2, previous=1))
    for i in range(14, 40):
        story.click(i, f"pans{i % 30}")
    publish(story.lane.workload._reference, replace(catalog, version=4, previous=3))
    story.click(40, "pans1")
    assert {each.trigger.kind for each in requests_of(story)} == {"first", "shift"}
    for i in range(3):
        shown = {"creative_id": "cr_00000000000000aa", "campaign_id": "c1", "slot": "native"}
        story.add(IMPRESSION.name, USER, NOW_MS + 40 * 3_600_000 + i, id=f"i{i}", **shown)
    story.creative("cr_00000000000000bb", request_id="rq_0000000000000002")
    story.lane.flush()
    story.lane.sweep(NOW_MS + 2 * DAY_MS)
    for kind in ("access", "object", "restrict", "erasure"):
        story.privacy(kind, NOW_MS + 41 * 3_600_000)
    story.consent(ts=NOW_MS + 42 * 3_600_000)
    story.consent(ts=NOW_MS + 43 * 3_600_000, explicit={"measure": True})
    story.lane.flush()
    story.lane.sweep(NOW_MS + 400 * DAY_MS)
    story.lane.flush()
    assert story.lane.row("p", USER) is None and story.lane.row("c", USER)["erased_ts"] > 0
