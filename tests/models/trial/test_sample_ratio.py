"""Arms out of proportion are found, arms in proportion are left alone."""

from __future__ import annotations

import pytest

from models.trial.sample_ratio import MISMATCH_P, _chi_square_tail, sample_ratio_p


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 6.6349), (2, 9.2103), (3, 11.3449), (4, 13.2767), (5, 15.0863)]
)
def test_the_tail_is_that_of_the_tables(freedom: int, quantile: float) -> None:
    assert _chi_square_tail(quantile, freedom) == pytest.approx(0.01, rel=1e-4)


def test_the_p_value_is_that_of_pearsons_test() -> None:
    assert sample_ratio_p([521, 479], [0.5, 0.5]) == pytest.approx(_chi_square_tail(1.764, 1))
    assert sample_ratio_p([30, 40, 50], [1, 1, 1]) == pytest.approx(_chi_square_tail(5.0, 2))


def test_one_arm_of_two_that_lost_a_twentieth_is_found() -> None:
    assert sample_ratio_p([50_000, 47_500], [0.5, 0.5]) < MISMATCH_P
    assert sample_ratio_p([50_000, 49_900], [0.5, 0.5]) > MISMATCH_P


def test_unequal_shares_are_no_mismatch() -> None:
    assert sample_ratio_p([9_020, 980], [0.9, 0.1]) > MISMATCH_P


def test_users_in_an_arm_of_no_share_and_an_experiment_of_nobody() -> None:
    assert sample_ratio_p([10, 1], [1.0, 0.0]) == 0.0
    assert sample_ratio_p([0, 0], [0.5, 0.5]) == 1.0
