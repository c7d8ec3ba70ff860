"""Any bytes on any event topic: each record is applied or becomes one dead letter, nothing is raised, and
what follows is applied."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import core, given, settings
from hypothesis import strategies as st

from agents.profiles.reference import ProfilesReference
from models.interest.profile import PROFILE
from streams.settings import Settings
from streams.topics import (
    BEHAVIOR,
    CLICK,
    CONSENT,
    CONVERSION,
    DEAD,
    IDENTITY,
    IMPRESSION,
    PRIVACY_REQUEST,
    USER_TOPICS,
)
from streams.wire.dead_letters import dead_letters_of
from streams.wire.refusals import Reason
from tests.agents.profiles.memory_lane import NOW_MS, Log, MemoryLane, users_of_lane
from tests.faults.crowd import ALL_PURPOSES, body
from tests.seed import run_seed

TOPICS = tuple(
    spec.name for spec in (IMPRESSION, CLICK, CONVERSION, BEHAVIOR, CONSENT, IDENTITY, PRIVACY_REQUEST)
)
GOOD, FUZZED = users_of_lane(2)

leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300)
junk = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=70) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("id", "ts", "user", "type", "creative_id", "campaign_id", "imp_id", "item_id", "slot", "event",
"price", "value", "cur", "items",
          "device", "explicit", "regs", "dwell_ms", "feedback", "placement", "request_id", "iat",
          "partner")  # fmt: skip


def valid() -> dict[str, Any]:
    """Fields that pass on every topic."""
    event = {
        "id": "f1",
        "ts": NOW_MS,
        "user": FUZZED,
        "type": "product",
        "creative_id": None,
        "explicit": ALL_PURPOSES,
    }
    return {**event, "request_id": "r1", "iat": NOW_MS // 1000, "partner": GOOD}


@st.composite
def values(draw: st.DrawFn) -> bytes | None:
    """A valid event with some fields replaced, some left out, perhaps cut short; or no JSON at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.none() | st.binary(max_size=200))
    event = valid() | draw(st.dictionaries(st.sampled_from(FIELDS), junk, max_size=4))
    for name in draw(st.sets(st.sampled_from(FIELDS), max_size=2)):
        event.pop(name, None)
    data = json.dumps(event).encode("utf-8", "surrogatepass")
    return data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 9)) == 0 else data


def test_what_is_drawn_follows_the_seed_of_the_run() -> None:
    assert core.global_force_seed == run_seed()


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(TOPICS), values()), min_size=1, max_size=12))
def test_each_record_is_applied_or_refused_with_a_reason(records: list[tuple[str, bytes | None]]) -> None:
    log, own = Log(), Settings()
    lane = MemoryLane(ProfilesReference(own), own)
    for number, (topic, value) in enumerate(records):
        lane.apply([log.add(topic, FUZZED, value, NOW_MS)])
        lane.apply(
            [log.add(CLICK.name, GOOD, body(GOOD, NOW_MS, id=f"g{number}", explicit=ALL_PURPOSES), NOW_MS)]
        )
    lane.flush()
    letters, _ = dead_letters_of(_Stored(each) for each in lane.sent(DEAD.name))
    assert len(letters) == len(lane.sent(DEAD.name)), "one letter per refused record"
    assert {each.reason for each in letters} <= set(Reason) - {Reason.APPLY_FAILED}
    assert all(each.key == FUZZED.encode() for each in letters)
    refused = {(letter.topic, letter.offset) for letter in letters}
    mine = [each for topic in TOPICS for each in log.records.get(topic, []) if each.key == FUZZED.encode()]
    taken = {each.topic: each.offset for each in mine if (each.topic, each.offset) not in refused}
    rows = [row for row in (lane.row("c", FUZZED), lane.row("x", FUZZED)) if row is not None]
    for slot, spec in enumerate(USER_TOPICS):
        assert max((int(row["fence"][slot]) for row in rows), default=-1) == taken.get(spec.name, -1), (
            "what was not refused was applied"
        )
    row = lane.row("p", GOOD)
    assert int(row["n_click"]) == len(records)
    fuzzed = lane.row("p", FUZZED)
    assert fuzzed is None or all(
        np.isfinite(fuzzed[name]).all() for name in PROFILE.names or () if PROFILE[name].kind == "f"
    )


class _Stored:
    """A dead letter as it is read back."""

    timestamp = NOW_MS

    def __init__(self, output: Any) -> None:
        self.key, self.value, self.headers = output.key, output.value, output.headers
