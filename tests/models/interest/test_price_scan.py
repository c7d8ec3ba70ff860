"""Changes of the price level: found whatever the interest does, told as what they are, and silent without
prices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit

from models.choice.served import tier
from models.event.layout import EventKind
from models.interest import update
from models.interest.detector import price_scan, shift
from models.interest.detector.price_scan import PRIOR_DRAWS, SCATTER
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import FIRST_TRIGGER, SHIFT_TRIGGER, empty_profiles
from models.interest.threshold.calibration import positives
from models.interest.update import update_profiles
from tests.models.streams_of_events import BEGIN_MS, small_catalog

observe, initialise, level_of = map(njit, (shift.observe, update.initialise, price_scan.price_level))
HOUR = 3_600_000
CODES = 8
KNOBS = DetectorSettings(threshold=6.5)


def lives(users: int, n: int, seed: int, level: float, change: int | None = None, codes: int = 0):  # type: ignore[no-untyped-def]
    """Positives of users who keep three interests; standings about -level, from `change` on about +level, and
    then of interests `codes` higher."""
    rng = np.random.default_rng(seed)
    place = np.tile(np.arange(n), users)
    later = np.zeros(len(place), bool) if change is None else place >= change
    code = rng.integers(0, 3, len(place)) + codes * later
    z = np.where(later, level, -level) + 0.85 * rng.standard_normal(len(place))
    return positives(np.repeat(np.arange(users), n), code, BEGIN_MS + place * HOUR, z.astype(np.float32))


def fires_of(events, users: int, knobs: DetectorSettings = KNOBS):  # type: ignore[no-untyped-def]
    rows = empty_profiles(users)
    fires = update_profiles(rows, events, small_catalog(), knobs).fires
    return fires[fires["kind"] == SHIFT_TRIGGER], rows


def test_a_change_of_prices_alone_is_found_and_told_as_such() -> None:
    users, n, change = 200, 50, 28
    fires, rows = fires_of(lives(users, n, 1, 0.8, change), users)
    delay = fires["event"] % n - change
    found = fires[(delay >= 0) & (delay < 20)]
    assert len(np.unique(found["user"])) >= 0.8 * users
    assert np.mean(found["price"] == 1) > 0.95 and np.mean(found["gained"][:, 0] == -1) > 0.95
    assert (found["returning"] == -1).all() and (found["regime"] == found["left"]).all()
    dear = np.mean([tier(row) for row in rows])
    fires, rows = fires_of(lives(users, n, 1, -0.8, change), users)
    assert np.mean(fires["price"] == -1) > 0.9
    assert np.mean([tier(row) for row in rows]) < 2.5 < 3.5 < dear, "the tier follows at once"


def test_without_prices_the_trigger_is_that_of_the_interest() -> None:
    users, n = 60, 50
    events = lives(users, n, 2, 0.8, 28, codes=3)
    events["price_z"] = np.nan
    fires, rows = fires_of(events, users)
    alone, _ = fires_of(events, users, KNOBS._replace(price_share=0.0, both_share=0.0))
    assert len(fires) and fires.tobytes() == alone.tobytes()
    assert (fires["price"] == 0).all() and not rows["price_mass"].any() and not rows["ring_price"].any()


def test_an_interest_that_changes_with_its_prices_is_a_shift_that_says_so() -> None:
    users, n = 60, 50
    fires, _ = fires_of(lives(users, n, 3, 0.8, 28, codes=3), users)
    assert np.mean(fires["gained"][:, 0] >= 3) > 0.9
    assert np.mean(fires["price"] == 1) > 0.5 > np.mean(fires["price"] == -1)
    quiet, _ = fires_of(lives(users, n, 3, 0.0, 28, codes=3), users)
    assert np.mean(quiet["price"] == 0) > 0.8


def test_a_steady_level_triggers_at_most_as_the_bound_says() -> None:
    """Levels and standings of the model itself: 1000 / e^h per 1,000 positives."""
    rng = np.random.default_rng(5)
    users, n, h = 1_500, 60, math.log(50)
    level = rng.normal(0, math.sqrt(SCATTER / PRIOR_DRAWS), users)
    z = level[:, None] + math.sqrt(SCATTER) * rng.standard_normal((users, n))
    ts = BEGIN_MS + np.tile(np.arange(n) * HOUR, users)
    events = positives(np.repeat(np.arange(users), n), np.zeros(users * n, np.int64), ts, z.ravel())
    knobs = DetectorSettings(threshold=h, kappa=0.0, clip=1e9)
    fires, _ = fires_of(events, users, knobs)
    assert 0 < 1000 * len(fires) / (users * n) <= 1000 / math.exp(h)


def test_one_event_by_hand() -> None:
    catalog = small_catalog()
    row = empty_profiles(1)[0]
    initialise(row, 1)
    row["t_hist"] = BEGIN_MS
    knobs = DetectorSettings()
    for _ in range(3):
        observe(row, 3, level_of(-1.0), True, 1.0, catalog, knobs)
    sticky = float(row["price_mass"])
    assert sticky == pytest.approx(3, abs=0.1) and row["price_sum"] == pytest.approx(-sticky)
    observe(row, 3, level_of(1.0), True, 1.0, catalog, knobs)

    def density(z: float, q: float, n: float) -> float:
        variance = SCATTER * (1 + 1 / n)
        return math.exp(-((z - q / n) ** 2) / (2 * variance)) / math.sqrt(variance)

    null = density(1.0, -sticky, sticky + PRIOR_DRAWS)
    scores = row["price_scan"].view(np.float16)
    assert scores[-1] == pytest.approx(math.log(density(1.0, 0.0, PRIOR_DRAWS) / null), abs=5e-3)
    assert scores[-2] == pytest.approx(
        math.log(density(1.0, -1.0, 1 + PRIOR_DRAWS) / null)
        + math.log(density(-1.0, 0.0, PRIOR_DRAWS) / density(-1.0, -2.0, 2 + PRIOR_DRAWS)),
        abs=2e-2,
    )


@pytest.mark.parametrize(("z", "level"), [(math.nan, 0), (-9.0, 8), (0.0, 128), (9.0, 248), (math.inf, 0)])
def test_standings_fit_a_byte(z: float, level: int) -> None:
    assert level_of(z) == level


def test_a_first_creative_says_nothing_of_prices() -> None:
    events = lives(1, 12, 6, 0.8)
    fires = update_profiles(empty_profiles(1), events, small_catalog(), KNOBS).fires
    assert fires["kind"].tolist() == [FIRST_TRIGGER] and fires["price"].tolist() == [0]
    assert (events["kind"] == EventKind.CLICK).all()
