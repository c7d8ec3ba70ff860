"""The difference of two arms: what it is, how wide its interval is, and that the past narrows it."""

from __future__ import annotations

import numpy as np
import pytest

from models.trial.comparison import FEWEST_USERS, compare_arms
from models.trial.ratio import RatioEstimate, moments_of, ratio_estimate
from models.trial.sequence import always_valid_margin, always_valid_p, narrowest_at
from models.trial.user_totals import DoubleArray


def estimate(y: DoubleArray, d: DoubleArray, before: DoubleArray | None = None) -> RatioEstimate:
    return ratio_estimate(moments_of(y, d, np.zeros_like(y) if before is None else before))


def users(rng: np.random.Generator, n: int, rate: float) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
    """Clicks, impressions and clicks of the past of users whose rates differ much."""
    rates = rng.beta(rate * 4, (1 - rate) * 4, n)
    seen = rng.geometric(0.2, n)
    before = np.asarray(rng.binomial(30, rates) - 30 * rate, np.float64)
    return rng.binomial(seen, rates).astype(float), seen.astype(float), before


def test_the_variance_is_that_of_users_not_of_impressions() -> None:
    """The same click rate over and over: its real scatter is what the delta method says, not a binomial's."""
    rng = np.random.default_rng(3)
    runs = [estimate(*users(rng, 500, 0.2)) for _ in range(400)]
    scatter = np.std([float(run.value[0]) for run in runs])
    said = np.mean([float(np.sqrt(run.variance[0] / 500)) for run in runs])
    assert said == pytest.approx(scatter, rel=0.1)
    assert said > 1.3 * np.sqrt(0.2 * 0.8 / 2_500)


def test_the_difference_and_the_lift_are_those_of_the_ratios() -> None:
    seen = np.full(1_000, 10.0)
    control = estimate(np.tile([1.0, 3.0], 500), seen)
    arm = estimate(np.tile([2.0, 4.0], 500), seen)
    found = compare_arms(control, arm, 2_000, 0.05)
    assert float(found.difference[0]) == pytest.approx(0.1)
    assert float(found.lift[0]) == pytest.approx(0.5)
    assert found.lo[0] < 0.1 < found.hi[0]
    assert found.lift_lo[0] < 0.5 < found.lift_hi[0]


def test_the_past_of_the_users_narrows_the_interval_and_takes_off_what_was_there_before() -> None:
    rng = np.random.default_rng(5)
    control, arm = users(rng, 4_000, 0.2), users(rng, 4_000, 0.2)
    plain = compare_arms(estimate(*control[:2]), estimate(*arm[:2]), 8_000, 0.05)
    adjusted = compare_arms(estimate(*control), estimate(*arm), 8_000, 0.05)
    assert adjusted.saved[0] > 0.2
    assert adjusted.hi[0] - adjusted.lo[0] < 0.9 * (plain.hi[0] - plain.lo[0])
    better = (arm[0], arm[1], arm[2] + 3.0)  # they clicked more already before
    shifted = compare_arms(estimate(*control), estimate(*better), 8_000, 0.05)
    assert shifted.difference[0] < adjusted.difference[0]


def test_a_past_that_says_nothing_changes_nothing() -> None:
    rng = np.random.default_rng(6)
    control, arm = users(rng, 300, 0.2), users(rng, 300, 0.2)
    found = compare_arms(estimate(*control[:2]), estimate(*arm[:2]), 600, 0.05)
    assert found.saved[0] == 0
    assert found.difference[0] == estimate(*arm[:2]).value[0] - estimate(*control[:2]).value[0]


@pytest.mark.parametrize("arm", [np.ones(FEWEST_USERS - 1), np.zeros(FEWEST_USERS)])
def test_nothing_is_said_of_too_few_users_and_of_no_scatter(arm: DoubleArray) -> None:
    control = estimate(np.zeros(500), np.ones(500))
    found = compare_arms(control, estimate(arm, np.ones(len(arm))), 1_000, 0.05)
    assert np.isnan(found.lo[0])
    assert np.isnan(found.p[0])


def test_the_margin_is_the_published_one_and_narrowest_where_planned() -> None:
    """Waudby-Smith et al.: sqrt(2 (t rho^2 + 1) / (t^2 rho^2) log(sqrt(t rho^2 + 1) / alpha))."""
    assert always_valid_margin(np.array([100.0]), 0.04, 0.05)[0] == pytest.approx(
        np.sqrt(10 * np.log(np.sqrt(5) / 0.05) / 400)
    )
    at = 10_000.0
    wide = [
        float(always_valid_margin(np.array([at]), narrowest_at(n, 0.05), 0.05)[0])
        for n in (300, 10_000, 300_000)
    ]
    assert wide[1] == min(wide)
    assert 2.9 < wide[1] * np.sqrt(at) < 3.1  # a single look would allow 1.96


def test_p_is_the_level_whose_interval_ends_at_zero() -> None:
    rho2, n = narrowest_at(1_000, 0.05), np.array([800.0])
    z2 = n * always_valid_margin(n, rho2, 0.03) ** 2
    assert always_valid_p(z2, n, rho2)[0] == pytest.approx(0.03)
    assert always_valid_p(np.zeros(1), n, rho2)[0] == 1.0
