"""What one event alone costs: a quiet topic is read event by event, and each of them goes the whole way."""

from __future__ import annotations

import cProfile
from pstats import Stats
from typing import Any

import pytest

from streams.topics import BEHAVIOR, CLICK
from tests.agents.catalogue import reference_of
from tests.agents.profiles.memory_lane import NOW_MS, Log, MemoryLane, users_of_lane
from tests.agents.traffic import add, consent
from tests.stories.profile_story import SETTINGS

MOST_CALLS = 265
"""Of Python and of what is written in C, by one event that asks for nothing; a busy worker pays each of them
a thousand times a second."""


@pytest.mark.parametrize(("topic", "said"), [(CLICK.name, {}), (BEHAVIOR.name, {"type": "product"})])
def test_one_event_makes_few_calls(topic: str, said: dict[str, Any]) -> None:
    (user,), log = users_of_lane(1), Log()
    lane = MemoryLane(reference_of(SETTINGS), SETTINGS)
    lane.apply([consent(log, user)])
    for i in range(2):  # what is done once is done
        lane.apply([add(log, topic, user, NOW_MS + i, id=f"e{i}", item_id="i1", **said)])
    last = add(log, topic, user, NOW_MS + 2, id="e2", item_id="i1", **said)
    profile = cProfile.Profile()
    profile.runcall(lane.apply, [last])
    assert not lane.outputs
    assert sum(calls for _, calls, *_ in Stats(profile).stats.values()) <= MOST_CALLS  # type: ignore[attr-defined]
