"""Exposures per user: they count for the one arm of their user, and the past is no result."""

from __future__ import annotations

import numpy as np

from models.trial.user_totals import TrialLog

START = 1_000


def test_what_a_user_did_is_added_up() -> None:
    log = TrialLog(START)
    log.add("u1", START, "a", True, 1, 250)
    log.add("u1", START + 5, "a", False, 0, 0)
    (totals,) = log.totals().values()
    assert [column.tolist() for column in totals] == [[2], [1], [1], [250], [0]]


def test_a_user_seen_in_two_arms_belongs_to_none() -> None:
    log = TrialLog(START)
    log.add("u1", START, "a", True, 0, 0)
    log.add("u1", START, "b", True, 0, 0)
    log.add("u2", START, "b", False, 0, 0)
    assert log.mixed == 1
    assert {arm: len(each.clicks) for arm, each in log.totals().items()} == {"b": 1}


def test_what_was_before_the_start_is_past_whoever_saw_it() -> None:
    log = TrialLog(START)
    log.add("u1", START - 1, None, True, 1, 90)
    log.add("u2", START - 1, "a", False, 0, 0)
    log.add("u1", START, "a", False, 0, 0)
    log.add("u2", START + 1, "a", False, 0, 0)
    log.add("u3", START, None, True, 0, 0)  # in no arm
    totals = log.totals()["a"]
    assert totals.clicks.tolist() == [0, 0]
    np.testing.assert_allclose(totals.before, [0.5, -0.5])  # 1 of 2 clicked before


def test_users_stand_in_the_order_in_which_they_entered() -> None:
    log = TrialLog(START)
    log.add("late", START + 9, "a", True, 0, 0)
    log.add("early", START + 3, "a", False, 0, 0)
    log.add("late", START + 1, "a", False, 0, 0)
    assert log.totals()["a"].impressions.tolist() == [2, 1]
