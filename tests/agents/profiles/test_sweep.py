"""What time ends goes in bounded parts, and all of it in the end."""

from __future__ import annotations

import numpy as np

from agents.profiles.reference import ProfilesReference
from agents.profiles.sweep import BEHIND_MS, FORGOTTEN, Cursors, _sends_lives
from models.earned.exposures import EXPOSURES
from models.event.consent import CONSENT_ROW
from models.row import CONSENT_VERSION, EXPOSURES_VERSION
from streams.rows.sparse_rows import packed_rows
from streams.settings import Settings
from streams.wire.view import MOST_SWEPT
from tests.agents.profiles.memory_lane import NOW_MS, DictStore, MemoryLane

USERS = 2 * FORGOTTEN + 50
YEAR_MS = 365 * 86_400_000


def lane_of_idle_and_erased() -> MemoryLane:
    """Its rows x and c name USERS users each."""
    idle, erased = np.zeros(USERS, EXPOSURES), np.zeros(USERS, CONSENT_ROW)
    idle["version"], idle["kind"], idle["newest_s"] = EXPOSURES_VERSION, ord("x"), (NOW_MS - YEAR_MS) // 1000
    erased["version"], erased["kind"], erased["erased_ts"] = CONSENT_VERSION, ord("c"), NOW_MS - YEAR_MS
    store = DictStore()
    for kind, rows in (("x", idle), ("c", erased)):
        store |= {
            b"%s%s%04d" % (kind.encode(), kind.encode(), i): row for i, row in enumerate(packed_rows(rows))
        }
    return MemoryLane(ProfilesReference(Settings()), Settings(), DictStore(store))


def test_many_idle_and_erased_users_go_in_parts_that_a_lane_has_room_for() -> None:
    lane = lane_of_idle_and_erased()
    for visit in range(1, 5):
        lane.sweep(NOW_MS)
        swept = lane.arena.capacity - lane.arena.room()
        assert swept <= MOST_SWEPT
        assert swept == 2 * max(0, min(FORGOTTEN, USERS - (visit - 1) * FORGOTTEN))
        lane.flush()
    assert not [key for key in lane.store if key[:1] in b"xc"]


def test_a_lane_that_is_behind_is_visited_less_often() -> None:
    lane = lane_of_idle_and_erased()
    lane.behind = True
    gone = []
    for now_ms in (
        NOW_MS,
        NOW_MS + BEHIND_MS - 1,
        NOW_MS + BEHIND_MS,
        NOW_MS - 1,
    ):  # at last a clock set back
        before = len(lane.store)
        lane.sweep(now_ms)
        lane.flush()
        gone.append(len(lane.store) < before)
    assert gone == [True, False, True, True]


def test_a_clock_that_is_set_back_keeps_no_campaigns_life_unsent() -> None:
    cursors = Cursors()
    said = [_sends_lives("a", NOW_MS + after_ms, cursors) for after_ms in (0, 1_000, -3_600_000, -3_599_000)]
    assert said == [True, False, True, False]
