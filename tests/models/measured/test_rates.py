"""Intervals, trend and spread against values that others computed."""

from __future__ import annotations

import pytest

from models.measured.rates import evenness, falling_p, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (10, 100, 0.05522914, 0.17436566),
        (0, 20, 0.0, 0.16112516),
        (20, 20, 0.83887484, 1.0),
        (1, 3, 0.06149194, 0.79234040),
    ],
)
def test_wilson_intervals_equal_known_ones(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=2e-6)


def test_an_interval_of_the_literature() -> None:
    """Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8), table I: 81 of 263."""
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_no_trials_say_nothing_and_more_successes_than_trials_are_all() -> None:
    assert wilson(0, 0) == wilson(3, -1) == (0.0, 1.0)
    assert wilson(5, 4) == wilson(4, 4) and wilson(4, 4)[1] == 1.0


def test_a_trend_against_a_published_table() -> None:
    """Heart disease by how often one snores (Norton and Dunn 1985): it rises, or falls when turned round."""
    diseased, asked = [24, 35, 21, 30], [1_379, 638, 213, 254]
    rising = falling_p(diseased, asked)
    falling = falling_p(diseased[::-1], asked[::-1])
    assert rising is not None and falling is not None
    assert rising > 1 - 1e-12 and falling < 1e-12
    assert falling_p([5, 5, 5], [100, 100, 100]) == pytest.approx(0.5)


def test_a_small_trend_by_hand() -> None:
    """10 of 100, then 5 of 100: share 0.075, T = 5 - 7.5, variance = 0.075 * 0.925 * 50; z = -1.3423."""
    assert falling_p([10, 5], [100, 100]) == pytest.approx(0.08976, abs=1e-4)


@pytest.mark.parametrize(
    ("successes", "trials"), [([], []), ([1], [5]), ([0, 0], [5, 5]), ([5, 5], [5, 5]), ([1, 0], [5, 0])]
)
def test_where_nothing_can_fall_nothing_is_tested(successes: list[int], trials: list[int]) -> None:
    assert falling_p(successes, trials) is None


def test_evenness_is_one_of_equal_parts_and_zero_of_one() -> None:
    assert evenness([5, 5, 5, 5]) == pytest.approx(1.0) and evenness([7, 0]) == 0.0
    assert evenness([9, 1]) == pytest.approx(0.4689956) and evenness([0, 0]) is None
