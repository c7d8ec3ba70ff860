"""A shift that one session alone shows waits, where it is asked to, until a later session or enough positives
confirm it."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from models.arrays import Rows
from models.interest import sessions
from models.interest.decay import HOUR, MINUTE
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import HAS_CREATIVE, RING, SHIFT_TRIGGER, empty_profiles
from models.interest.threshold.calibration import positives
from models.interest.update import update_profiles
from tests.models.streams_of_events import BEGIN_MS, small_catalog

OLD, NEW = 1, 5
EAGER = DetectorSettings(threshold=3.0, cooldown_events=0, cooldown_ms=0)
in_session = njit(sessions.in_session)


def life(*stays: tuple[int, int]) -> Rows:
    """Positives of one user: per session (code, how many), an hour between two sessions."""
    codes = np.concatenate([np.full(n, code) for code, n in stays])
    opens = np.concatenate([np.arange(n) == 0 for _, n in stays])
    return positives(np.zeros(len(codes), int), codes, BEGIN_MS + np.cumsum(np.where(opens, HOUR, MINUTE)))


def shifts(events: Rows, confirm: int) -> list[int]:
    """Places of the events that told a shift."""
    settings = EAGER._replace(confirm_positives=confirm)
    fires = update_profiles(empty_profiles(1), events, small_catalog(), settings).fires
    return [int(each) for each in fires["event"][fires["kind"] == SHIFT_TRIGGER]]


BEFORE = [(OLD, 4)] * 6


def test_one_session_elsewhere_is_no_shift_where_the_next_returns() -> None:
    errand = life(*BEFORE, (NEW, 12), *BEFORE)
    (first, *_) = shifts(errand, 0)
    assert 24 <= first < 36, "without a wait it is one"
    assert shifts(errand, 16) == []


def test_a_later_session_that_goes_on_confirms_it_at_once() -> None:
    assert shifts(life(*BEFORE, (NEW, 12), (NEW, 4)), 24)[0] == 36


def test_so_many_positives_confirm_it_in_the_same_session() -> None:
    assert shifts(life(*BEFORE, (NEW, 20)), 16)[0] == 24 + 15


def test_a_user_of_short_sessions_waits_for_nothing() -> None:
    short = life(*BEFORE, *[(NEW, 1)] * 12)
    assert shifts(short, 24) == shifts(short, 0) != []


@pytest.mark.parametrize("settings", [DetectorSettings(), EAGER])
def test_a_row_counts_the_slots_of_the_current_session_beside_what_else_is_flagged(
    settings: DetectorSettings,
) -> None:
    for stays, expected in (([(OLD, 9)], 9), ([(OLD, 9), (NEW, 2)], 2), ([(OLD, 40)], RING)):
        rows = empty_profiles(1)
        update_profiles(rows, life(*stays), small_catalog(), settings)
        assert in_session(rows[0]) == expected
        assert rows[0]["head"]["flags"] & HAS_CREATIVE
