"""A short form of `make bench-attribution`: what was earned, against a batch computation over whole logs."""

from __future__ import annotations

import pytest

from tests.bench.earned.bench_attribution import compare, exact


@pytest.mark.parametrize("late_share", [0.0, 0.05, 0.2])
def test_caps_clicks_conversions_and_money_equal_a_batch_computation(late_share: float) -> None:
    found = compare(7_000, seed=7, late_share=late_share)
    assert exact(found), found
    assert min(found.foreign, found.returns, found.withdrawals) > 30, found
    assert found.late > 100 + 3_000 * late_share, found  # some come late by themselves
    assert 0.5 < 1 - found.users_evicted / found.users < 1
    assert found.misplaced_of_evicted_minor < found.money_of_evicted_minor / 2
