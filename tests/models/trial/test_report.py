"""A short form of tests/bench/choice/bench_experiments.py: looking as often as one likes alarms rarely, a
lift is found, a broken split shows."""

from __future__ import annotations

import numpy as np

from models.trial.report import report_trial
from models.trial.user_totals import UserTotals
from tests.bench.choice.bench_experiments import draw_group, false_alarms, mismatches, power

SHARES = [("control", 0.5), ("new", 0.5)]


def test_tests_of_equal_arms_raise_few_alarms_however_often_one_looks() -> None:
    alarms = false_alarms(np.random.default_rng(11), 150, 6_000)
    assert max(alarms.values()) <= 0.05


def test_a_lift_of_a_tenth_is_found() -> None:
    found, _ = power(np.random.default_rng(12), 12, 2.0, 1.0)
    assert found >= 0.7


def test_a_split_that_lost_users_is_found_and_a_whole_one_is_not() -> None:
    rng = np.random.default_rng(13)
    assert mismatches(rng, 50, 50_000, 0.05) >= 0.98
    assert mismatches(rng, 50, 50_000, 0.0) <= 0.02


def test_the_report_names_each_arm_and_what_differs() -> None:
    rng = np.random.default_rng(14)
    totals = {"control": draw_group(rng, 20_000), "new": draw_group(rng, 20_000, lift=0.5)}
    report = report_trial(SHARES, totals, 40_000)
    assert [(each.arm, each.users) for each in report.arms] == [("control", 20_000), ("new", 20_000)]
    assert not report.mismatch
    (ctr,) = [each for each in report.differences if each.metric == "ctr"]
    assert ctr.decided
    assert ctr.lift_lo is not None and ctr.lift_hi is not None
    assert ctr.lift_lo < 0.5 < ctr.lift_hi
    assert ctr.p is not None and ctr.p < 0.05


def test_more_arms_share_the_error() -> None:
    rng = np.random.default_rng(15)
    totals = {name: draw_group(rng, 5_000) for name in "abc"}
    two = report_trial([("a", 0.5), ("b", 0.5)], totals, 10_000)
    three = report_trial([("a", 0.3), ("b", 0.3), ("c", 0.4)], totals, 10_000)

    def width(at: int, report_index: int) -> float:
        each = (two, three)[report_index].differences[at]
        assert each.lo is not None and each.hi is not None
        return each.hi - each.lo

    assert width(0, 1) > width(0, 0)


def test_an_arm_that_nobody_entered_has_no_figures() -> None:
    report = report_trial(SHARES, {"control": draw_group(np.random.default_rng(1), 100)}, 1_000)
    assert report.arms[1].users == 0
    assert report.arms[1].ctr is None
    assert report.differences == ()
    assert report.mismatch


def test_money_back_makes_no_lift() -> None:
    columns = np.ones((5, 100))
    columns[3] = np.linspace(-3, 1, 100)
    report = report_trial(SHARES, {"control": UserTotals(*columns), "new": UserTotals(*columns)}, 200)
    (money,) = [each for each in report.differences if each.metric == "revenue_per_user"]
    assert money.difference == 0.0
    assert money.lift is None
