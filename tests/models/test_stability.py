"""The stability index by hand, and what of it chance explains."""

from __future__ import annotations

import numpy as np
import pytest

from models.stability import stability_index, unexplained_shift


def test_by_hand() -> None:
    before, now = np.array([5_000_000, 5_000_000]), np.array([2_000_000, 8_000_000])
    expected = (0.2 - 0.5) * np.log(0.2 / 0.5) + (0.8 - 0.5) * np.log(0.8 / 0.5)
    assert stability_index(before, now) == pytest.approx(expected, rel=1e-5)
    assert stability_index(before, before) == 0


@pytest.mark.parametrize("n", [1_000, 4_000])
def test_draws_of_one_distribution_are_explained_by_chance(n: int) -> None:
    """Without taking chance off, a thousand draws over 64 bins would look like another population."""
    rng = np.random.default_rng(n)
    shares = rng.dirichlet(np.full(64, 5.0))
    pairs = [(rng.multinomial(n, shares), rng.multinomial(n, shares)) for _ in range(200)]
    raw = np.mean([stability_index(*pair) for pair in pairs])
    rest = [unexplained_shift(*pair) for pair in pairs]
    assert raw == pytest.approx(63 * 2 / n, rel=0.15)
    assert max(rest) < 0.15 and np.mean(rest) < raw / 5


def test_empty_bins_cost_nothing_and_a_real_move_stays() -> None:
    before, now = np.array([700, 300, 0, 0]), np.array([300, 700, 0, 0])
    assert unexplained_shift(before, now) == pytest.approx(unexplained_shift(before[:2], now[:2]))
    assert unexplained_shift(before, now) > 0.6
