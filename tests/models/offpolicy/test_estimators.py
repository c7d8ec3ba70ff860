"""Off-policy estimates: right on logs small enough to reckon by hand, and their intervals cover the truth."""

from __future__ import annotations

import numpy as np
import pytest

from models.offpolicy.choice_log import FOLDS, ChoiceLog, Doubles, choice_log
from models.offpolicy.doubts import doubts_about
from models.offpolicy.estimators import Z, value_logged, value_policy
from models.offpolicy.policies import greedy_policy, mean_rewards, stated_policy, uniform_policy
from tests.bench.choice.bench_evaluate import coverage


def small_log() -> ChoiceLog:
    """One context: arm a with 3 in 4, arm b with 1 in 4."""
    reward = np.array([1.0, 0.0, 1.0, 1.0])
    chance = np.array([0.75, 0.75, 0.75, 0.25])
    return choice_log(["c"] * 4, ["a", "a", "a", "b"], reward, chance, np.arange(4))


def table_of(log: ChoiceLog, chances: list[float]) -> Doubles:
    return np.tile(np.array(chances), (FOLDS * len(log.contexts), 1))


def test_ips_and_snips_weigh_by_the_chances() -> None:
    log = small_log()
    valued = value_policy(log, table_of(log, [0.5, 0.5]), np.zeros((2, 2)))
    assert valued.ips.value == pytest.approx((2 / 3 + 2 / 3 + 2) / 4)
    assert valued.snips.value == pytest.approx((2 / 3 + 2 / 3 + 2) / (3 * 2 / 3 + 2))
    assert valued.overlap.effective == pytest.approx(4**2 / (3 * 4 / 9 + 4))
    assert valued.overlap.mean == pytest.approx(1.0)


def test_a_reward_model_that_is_right_leaves_nothing_to_correct() -> None:
    chance = np.array([0.5, 0.5, 0.5, 0.5])
    log = choice_log(["c"] * 4, ["a", "a", "b", "b"], np.array([0.2, 0.2, 0.6, 0.6]), chance, np.arange(4))
    valued = value_policy(log, table_of(log, [0.25, 0.75]), np.array([[0.2, 0.6], [0.2, 0.6]]))
    assert valued.dr.value == pytest.approx(0.25 * 0.2 + 0.75 * 0.6)
    assert valued.dr.hi == pytest.approx(valued.dr.lo)


def test_the_policy_that_drew_is_worth_what_it_earned() -> None:
    valued = value_logged(small_log())
    assert valued.ips == valued.snips == valued.dr
    assert valued.ips.value == 0.75
    assert valued.ips.hi - valued.ips.value == pytest.approx(Z * 0.25)  # sd .5 of 4 rounds


def test_rounds_of_one_user_are_not_independent() -> None:
    """Each user's rounds four times over say nothing new."""
    once = small_log()
    again = choice_log(
        ["c"] * 16, ["a", "a", "a", "b"] * 4, np.tile(once.reward, 4), np.tile(once.chance, 4),
        np.tile(np.arange(4), 4),
    )  # fmt: skip
    for log in (once, again):
        assert value_logged(log).ips.hi - 0.75 == pytest.approx(Z * 0.25)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    for name, figures in coverage(np.random.default_rng(21), 250).items():
        assert 0.92 <= figures["coverage"] <= 0.98, name


def test_greedy_is_judged_on_users_that_it_was_not_fitted_to() -> None:
    """Arms alike, rewards pure chance: a greedy choice fitted to what it is judged on would look better than
    any."""
    rng = np.random.default_rng(22)
    values = []
    for _ in range(60):
        n = 400
        arm = rng.integers(0, 20, n)
        log = choice_log(
            ["c"] * n, [f"{each:02d}" for each in arm], (rng.random(n) < 0.2).astype(float),
            np.full(n, 1 / 20), np.arange(n),
        )  # fmt: skip
        values.append(value_policy(log, greedy_policy(log), mean_rewards(log)).ips.value)
    assert np.mean(values) == pytest.approx(0.2, abs=0.03)


def test_uniform_offers_what_the_log_has_in_each_context() -> None:
    log = choice_log(["x", "x", "y"], ["a", "b", "b"], np.zeros(3), np.full(3, 0.5), np.array([0, 2, 4]))
    np.testing.assert_allclose(uniform_policy(log)[:2], [[0.5, 0.5], [0.0, 1.0]])


def test_arms_that_the_log_does_not_have_are_named_as_lost() -> None:
    log = small_log()
    table, lost = stated_policy(log, {"*": {"a": 0.6, "gone": 0.4}})
    assert lost.tolist() == [0.4]
    valued = value_policy(log, table, mean_rewards(log), float(lost.mean()))
    assert any("40.0%" in doubt for doubt in doubts_about(valued.overlap))
    with pytest.raises(ValueError, match='says nothing of "c"'):
        stated_policy(log, {"other": {"a": 1.0}})


def test_wrong_chances_and_thin_overlap_are_said() -> None:
    rng = np.random.default_rng(23)
    n = 2_000
    arm = np.where(rng.random(n) < 0.9, "a", "b").tolist()
    right = np.where(np.array(arm) == "a", 0.9, 0.1)
    reward = np.ones(n)
    good, wrong = (choice_log(["c"] * n, arm, reward, chance, np.arange(n)) for chance in (right, 1 - right))
    table = uniform_policy(good)
    assert not list(doubts_about(value_policy(good, table, mean_rewards(good)).overlap))
    said = " ".join(doubts_about(value_policy(wrong, table, mean_rewards(wrong)).overlap))
    assert "not those of the policy that drew" in said
    rare = choice_log(
        ["c"] * 50, ["a"] * 49 + ["b"], np.ones(50), np.array([0.98] * 49 + [0.02]), np.arange(50)
    )
    said = " ".join(doubts_about(value_policy(rare, uniform_policy(rare), mean_rewards(rare)).overlap))
    assert "speak for it" in said
    assert "of all weight" in said
