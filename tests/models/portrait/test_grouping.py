"""Groups are found where there are some, as many as there are, and the same in each fit."""

from __future__ import annotations

import numpy as np

from models.portrait.grouping import fit_portraits, group_features, grouped, mean_ranks, number_of_groups
from tests.models.portrait.people import CODE_NAMES, people, planted

SIZES = (160, 120, 80)


def test_users_who_like_the_same_are_grouped_and_the_largest_group_comes_first() -> None:
    found, true = grouped(people(SIZES), 3), planted(SIZES)
    purity = sum(np.bincount(true[found == number]).max() for number in range(3)) / len(true)
    assert purity > 0.95
    assert list(np.bincount(found)) == sorted(np.bincount(found), reverse=True)


def test_the_data_say_how_many_groups_there_are() -> None:
    assert number_of_groups(people(SIZES), 20) == 3
    nobody_differs = people(SIZES, apart=0.0)
    assert number_of_groups(nobody_differs, 20) == 1


def test_a_number_whose_groups_would_be_too_small_is_not_tried() -> None:
    assert number_of_groups(people((30, 30, 30)), 40) == 1


def test_recency_frequency_and_money_count_beside_interests() -> None:
    known = people((60,))
    rich = np.arange(60) % 2 * 50_000
    apart = group_features(known._replace(around=known.around._replace(spent_minor=rich)))
    assert np.allclose(np.linalg.norm(apart, axis=1), 1, atol=1e-5)
    assert apart[1::2, -1].min() > 0 > apart[::2, -1].max()
    assert np.all(group_features(known)[:, -1] == 0)  # nobody spends: money tells nobody apart


def test_ranks_are_equal_for_equals_and_reach_from_minus_one_to_one() -> None:
    assert np.allclose(mean_ranks(np.array([5, 1, 5, 9])), [0, -1, 0, 1])
    assert np.all(mean_ranks(np.array([7, 7])) == 0)


def test_a_fit_is_the_same_each_time_and_tells_who_its_groups_are() -> None:
    first, again = (fit_portraits(people(SIZES), 20, CODE_NAMES) for _ in range(2))
    assert [each.name for each in first.groups] == [each.name for each in again.groups]
    assert sum(each.users for each in first.groups) == sum(SIZES)
    assert len({each.name for each in first.groups}) == len(first.groups)
