"""How often a client may ask: as agreed over time, a second's worth at once, each for himself."""

from __future__ import annotations

from streams.rates import Rates


def test_a_client_gets_its_rate_and_a_seconds_worth_at_once() -> None:
    rates = Rates(10)
    assert [rates.take("a", 100.0) for _ in range(11)] == [True] * 10 + [False]
    assert rates.take("b", 100.0), "another is not held up"
    assert [rates.take("a", 100.25) for _ in range(3)] == [True, True, False]
    assert sum(rates.take("a", 200.0 + each / 100) for each in range(1_000)) == 10 + 99


def test_a_rate_below_one_is_one_now_and_then() -> None:
    rates = Rates(0.5)
    assert [rates.take("a", at_s) for at_s in (0.0, 1.0, 2.0, 3.0)] == [True, False, True, False]


def test_who_asked_longest_ago_is_forgotten() -> None:
    rates = Rates(1, most_clients=2)
    assert rates.take("a", 0.0) and rates.take("b", 0.0) and not rates.take("a", 0.0)
    assert rates.take("c", 0.0), "b makes room"
    assert not rates.take("a", 0.0) and rates.take("b", 0.0)
