"""What an arm earned before its rate changed no longer counts, and a rate that stays is rarely told to have
changed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.measured.arm_change import HAZARD, standing_counts, standing_shares
from models.measured.arm_memory import MEMORY, STRETCHES, ArmMemory, Earned

HOUR = 3_600_000
HALF_LIFE = 72 * HOUR
NOW = 1_795_291_200_000


def stretches(clicks: Sequence[float], impressions: float = 800.0) -> list[tuple[float, float]]:
    """Newest first."""
    return [(each, impressions - each) for each in clicks]


def test_a_rate_that_fell_leaves_what_was_earned_since() -> None:
    shares = standing_shares(stretches([8, 8, 8] + [24] * 20), 0.02)
    assert min(shares[:3]) > 0.99 and max(shares[4:]) < 0.05


def test_a_rate_that_stays_keeps_everything() -> None:
    assert min(standing_shares(stretches([16] * 36), 0.02)) > 0.99
    assert standing_shares([], 0.02) == [] and standing_shares(stretches([16]), 0.02) == [1.0]


def test_binomial_chance_is_rarely_taken_for_a_change() -> None:
    rng = np.random.default_rng(5)
    kept = []
    for _ in range(300):
        clicks = rng.binomial(800, 0.02, MEMORY * STRETCHES).astype(float).tolist()
        kept.append(min(standing_shares(stretches(clicks), 0.02)))
    assert np.mean(np.array(kept) < 0.5) < 2 * HAZARD * MEMORY * STRETCHES
    assert np.mean(kept) > 0.9


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2_000)), max_size=36),
    st.floats(1e-4, 0.5),
)
def test_shares_are_probabilities_that_fall_with_age(counts: list[tuple[int, int]], rate: float) -> None:
    shares = standing_shares([(float(a), float(b)) for a, b in counts], rate)
    assert len(shares) == len(counts) and all(0 <= each <= 1 for each in shares)
    assert all(newer >= older - 1e-12 for newer, older in itertools.pairwise(shares))


def test_the_posterior_is_what_still_holds_faded_by_age() -> None:
    memory = ArmMemory(HALF_LIFE)
    width = HALF_LIFE // STRETCHES
    for age in range(30):
        start = NOW // width * width - age * width
        memory.add(start, Earned(800.0, 8.0 if age < 4 else 24.0, 0.0, 0.0))
    alpha, beta = standing_counts(memory, NOW, "clicks", {}, 0.02)
    assert alpha / (alpha + beta) == pytest.approx(0.01, rel=0.1)
    assert alpha + beta == pytest.approx(4 * 800, rel=0.15)
