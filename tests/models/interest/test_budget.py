"""The threshold follows a wanted share of requests: it gets there, stays, and does not swing."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from models.interest.detector.shift import DetectorSettings
from models.interest.profile import FIRST_TRIGGER, SHIFT_TRIGGER, empty_profiles
from models.interest.threshold.budget import (
    ENOUGH,
    HIGHEST,
    LARGEST_STEP,
    LOWEST,
    TriggerTotals,
    is_enough,
    next_threshold,
)
from models.interest.threshold.calibration import positives
from models.interest.update import update_profiles
from models.world.interests import Shift, draw_population, zipf
from tests.models.streams_of_events import small_catalog


def path_of(
    threshold: float, wanted: float, slope: float, level: float, steps: int, seed: int
) -> list[float]:
    """Thresholds over `steps` looks at a world whose share of requests is e^(level - slope * threshold) per
    1,000."""
    rng = np.random.default_rng(seed)
    path = [threshold]
    for _ in range(steps):
        rate = math.exp(level - slope * path[-1])
        events = int(1000 * 2 * ENOUGH / wanted)
        seen = TriggerTotals(events, 0, int(rng.poisson(rate * events / 1000)))
        path.append(next_threshold(path[-1], seen, wanted))
    return path


@pytest.mark.parametrize("slope", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("begin", [3.0, 15.0])
def test_it_reaches_the_wanted_share_from_both_sides_and_stays(slope: float, begin: float) -> None:
    wanted, level = 5.0, math.log(5) + slope * 9
    for seed in range(20):
        path = path_of(begin, wanted, slope, level, 60, seed)
        assert max(abs(b - a) for a, b in pairwise(path)) <= LARGEST_STEP
        shares = [math.exp(level - slope * each) for each in path[40:]]
        assert np.mean(shares) == pytest.approx(wanted, rel=0.1)
        assert max(shares) < 1.5 * wanted and min(shares) > wanted / 1.5


def test_it_does_not_swing() -> None:
    """Without noise every step makes the error smaller and none changes its sign."""
    for slope in (0.2, 0.5, 1.0, 1.3):
        threshold, error = 4.0, math.inf
        for _ in range(80):
            rate = 5 * math.exp(-slope * (threshold - 9))
            threshold = next_threshold(threshold, TriggerTotals(10_000_000, 0, round(rate * 10_000)), 5.0)
            assert -1e-3 <= 9 - threshold < error + 1e-9
            error = 9 - threshold
        assert error < 0.02


def test_the_detectors_own_share_follows_when_more_users_change_their_minds() -> None:
    """The detector itself, on users of a simulated world of whom first none, then all, change their interest:
    the share is where it is wanted before, leaves, and comes back."""
    rng, catalog, popularity = np.random.default_rng(3), small_catalog(), zipf(20, 0.7)
    wanted, threshold, shares = 24.0, 8.7, []
    for look in range(24):
        shift = Shift.ABRUPT if look >= 12 else Shift.NONE
        people = draw_population(rng, 260, shift, popularity)
        events = positives(people.user, people.category, people.ts)
        fires = update_profiles(
            empty_profiles(260), events, catalog, DetectorSettings(threshold=threshold)
        ).fires
        kinds = [int(np.count_nonzero(fires["kind"] == kind)) for kind in (FIRST_TRIGGER, SHIFT_TRIGGER)]
        seen = TriggerTotals(len(events), *kinds)
        assert is_enough(seen, wanted)
        shares.append(seen.per_1000)
        threshold = next_threshold(threshold, seen, wanted)
    assert np.mean(shares[8:12]) == pytest.approx(wanted, rel=0.1)
    assert shares[12] > 1.3 * wanted, "the change is felt"
    assert np.mean(shares[-6:]) == pytest.approx(wanted, rel=0.1)


def test_first_requests_count_and_do_not_wind_it_up() -> None:
    crowded = TriggerTotals(1_000, 400, 0)
    assert next_threshold(9.0, crowded, 5.0) == 9.0, "there is no shift to hold back"
    assert next_threshold(9.0, crowded._replace(shift=3), 5.0) == 9.0 + LARGEST_STEP


def test_the_threshold_stays_between_its_ends() -> None:
    assert next_threshold(HIGHEST, TriggerTotals(1_000, 0, 900), 5.0) == HIGHEST
    assert next_threshold(LOWEST, TriggerTotals(1_000_000, 0, 0), 5.0) == LOWEST


def test_nothing_is_done_on_too_little() -> None:
    assert not is_enough(TriggerTotals(1_000, 1, 2), 5.0)
    assert is_enough(TriggerTotals(1_000, 0, ENOUGH), 5.0), "far too many are soon known"
    assert is_enough(TriggerTotals(1_000 * ENOUGH // 5, 0, 0), 5.0), "and so are far too few"


def test_totals_that_shrank_are_no_growth() -> None:
    assert TriggerTotals(10, 2, 3).since(TriggerTotals(4, 1, 1)) == TriggerTotals(6, 1, 2)
    assert TriggerTotals(10, 2, 3).since(TriggerTotals(4, 3, 1)) is None
    assert TriggerTotals().per_1000 == 0.0
