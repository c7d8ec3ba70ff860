"""A short form of `make bench-attribution`: what was earned, against a batch computation over whole logs."""

from __future__ import annotations

from tests.bench.earned.bench_attribution import compare, exact


def test_caps_clicks_conversions_and_money_equal_a_batch_computation() -> None:
    found = compare(20_000, seed=7)
    assert exact(found), found
    assert min(found.foreign, found.late, found.returns, found.withdrawals) > 100 and found.caps_closed > 0
    assert 0.5 < 1 - found.users_evicted / found.users < 1
    assert found.misplaced_of_evicted_minor < found.money_of_evicted_minor / 2
