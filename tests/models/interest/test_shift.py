"""The scan by hand, its bound on exchangeable users, and that it beats a cosine threshold at the same false
rate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit

from models.interest import update
from models.interest.concentration import concentration_table
from models.interest.decay import DAY
from models.interest.detector import shift as detector
from models.interest.detector.shift import DEAD_SCORE, DetectorSettings
from models.interest.profile import SHIFT_TRIGGER, empty_profiles
from models.interest.threshold.calibration import positives
from models.interest.update import update_profiles
from models.world.interests import Shift
from tests.bench.detector.simulated import measure
from tests.models.streams_of_events import BEGIN_MS, small_catalog

add_draw, growth, observe, initialise = map(
    njit, (detector.add_draw, detector.growth, detector.observe, update.initialise)
)


def test_two_events_by_hand() -> None:
    catalog = small_catalog()
    row = empty_profiles(1)[0]
    initialise(row, 1)
    row["t_hist"] = BEGIN_MS
    knobs = DetectorSettings()
    assert observe(row, 3, 0, True, 1.0, catalog, knobs) == pytest.approx(
        0.0, abs=1e-3
    )  # the newest slot alone, at log 1
    a = float(row["concentration"].view(np.float16))
    assert a == pytest.approx(float(concentration_table()[1, 1]), rel=1e-3)
    pi = float(catalog.prior[3])
    p0 = (1 + a * pi) / (1 + a)
    null = 0.4 + 0.6 * p0  # the same code again, in the same session
    total = observe(row, 3, 0, False, 1.0, catalog, knobs)
    before_both = math.log(null / null)  # a change before both events explains the second as the null does
    at_second = math.log((0.4 + 0.6 * pi) / null)
    assert row["scan"].view(np.float16)[-2:] == pytest.approx(
        [before_both, max(at_second, -knobs.clip)], abs=2e-3
    )
    assert (row["scan"].view(np.float16)[:-2] == DEAD_SCORE).all()
    assert total == pytest.approx(
        math.log(math.exp(before_both) + math.exp(max(at_second, -knobs.clip))), abs=2e-3
    )
    assert row["ring_weight"][-1] == round(255 * (1 - 0.4 / null))


def test_history_decays_by_half_in_sixty_days() -> None:
    row = empty_profiles(1)[0]
    initialise(row, 1)
    row["t_hist"] = BEGIN_MS
    add_draw(row, 0, growth(row, BEGIN_MS))
    add_draw(row, 1, growth(row, BEGIN_MS + 60 * DAY))
    add_draw(row, 2, growth(row, BEGIN_MS + 90 * DAY))  # beyond the growth limit: the origin moves
    weights = row["hist"].view(np.float16)[:3].astype(float)
    assert weights / weights[2] == pytest.approx([2**-1.5, 2**-0.5, 1], rel=2e-3)
    assert row["hist_mass"] == pytest.approx(weights.sum(), rel=1e-6)


def test_broader_users_have_a_higher_concentration() -> None:
    table = concentration_table()
    assert table.shape == (256, 65)
    assert (np.diff(table[40, 1:41]) > 0).all() and (np.diff(table[1:, 5]) < 0)[5:].all()
    assert table.min() >= 0.5 and table.max() <= 48


@pytest.mark.parametrize("h", [math.log(50), math.log(200)])
def test_exchangeable_users_trigger_at_most_as_the_bound_says(h: float) -> None:
    """Polya urns with the detector's own concentration: at most 1000 / e^h triggers per 1,000 positives."""
    rng = np.random.default_rng(7)
    catalog = small_catalog()
    users, n, a = 600, 80, 2.0
    theta = rng.dirichlet(a * catalog.prior.astype(float), users)
    codes = np.array([rng.choice(64, n, p=p / p.sum()) for p in theta])
    fixed = catalog._replace(concentration=np.full_like(catalog.concentration, a))
    ts = BEGIN_MS + np.tile(np.arange(n) * 3_600_000, users)
    knobs = DetectorSettings(threshold=h, kappa=0.0, clip=1e9)
    fires = update_profiles(
        empty_profiles(users), positives(np.repeat(np.arange(users), n), codes.ravel(), ts), fixed, knobs
    ).fires
    rate = 1000 * (fires["kind"] == SHIFT_TRIGGER).sum() / (users * n)
    assert 0 < rate <= 1000 / math.exp(h)


def test_bf_scan_finds_more_than_a_cosine_threshold_at_the_same_false_rate() -> None:
    result = measure(500, 3)
    scan, cosine = result["scan"], result["cosine"]
    assert scan[Shift.ABRUPT].recall >= 0.74
    assert scan[Shift.PARTIAL].recall >= 0.28
    assert scan[Shift.GRADUAL].recall >= 0.33
    for shift in (Shift.ABRUPT, Shift.PARTIAL, Shift.GRADUAL):
        assert scan[shift].recall > cosine[shift].recall
    assert scan[Shift.NONE].false_per_1000 <= 7 and cosine[Shift.NONE].false_per_1000 >= 3
    assert 2 <= result["calibrated_false_per_1000"] <= 6  # 5 wanted, of whole sessions too; sd about 0.5
