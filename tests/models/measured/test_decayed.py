"""Posteriors are a function of the hours' values and the time, whatever the order of corrections."""

from __future__ import annotations

import random

import pytest

from models.measured.decayed import Decayed, reward_counts, usual_values

HOUR = 3_600_000
DAY = 24 * HOUR


def batch(hours: dict[int, tuple[int, int, int, int]], now_ms: int, half_life_ms: int) -> list[float]:
    return [
        sum(counts[k] * 2.0 ** (-(now_ms - hour) / half_life_ms) for hour, counts in hours.items())
        for k in range(4)
    ]


@pytest.mark.parametrize("half_life_ms", [HOUR, 3 * DAY])
def test_sums_equal_the_batch_after_shuffled_corrections(half_life_ms: int) -> None:
    rng = random.Random(3)
    start = 1_795_291_200_000
    hours: dict[int, tuple[int, int, int, int]] = {}
    decayed = Decayed(half_life_ms)
    for _ in range(400):
        hour = start + rng.randrange(96) * HOUR
        old = hours.get(hour, (0, 0, 0, 0))
        new = (old[0] + rng.randrange(50), rng.randrange(9), rng.randrange(4), rng.randrange(2))
        hours[hour] = new
        change = tuple(a - b for a, b in zip(new, old, strict=True))
        decayed.add(hour, change, {"EUR": 0})  # type: ignore[arg-type]
    now = start + 120 * HOUR
    found = decayed.as_of(now)
    assert [found.impressions, found.clicks, found.conversions, found.against] == pytest.approx(
        batch(hours, now, half_life_ms), rel=1e-6
    )
    later = decayed.as_of(now + half_life_ms)
    assert later.impressions == pytest.approx(found.impressions / 2)


def test_the_goal_decides_what_is_a_reward_and_hides_count_against() -> None:
    arm = Decayed(DAY, DAY, 100.0, 10.0, 4.0, 3.0, {"EUR": 8_000.0})
    assert reward_counts(arm, "clicks", {}) == (7.0, 93.0)
    assert reward_counts(arm, "conversions", {}) == (1.0, 99.0)
    usual = usual_values({"EUR": 10_000}, 10)  # one is worth 10 euros: this arm's four are worth eight
    assert reward_counts(arm, "conversions", usual) == (5.0, 95.0)
    hated = Decayed(DAY, DAY, 10.0, 1.0, 0.0, 5.0)
    assert reward_counts(hated, "clicks", {}) == (0.0, 10.0)


def test_conversions_of_several_currencies_are_worth_as_many_as_there_are() -> None:
    usual = usual_values({"EUR": 9_000, "JPY": 30_000, "USD": 0}, 12)
    all_of_them = Decayed(DAY, DAY, 500.0, 0.0, 12.0, 0.0, {"EUR": 9_000.0, "JPY": 30_000.0})
    assert reward_counts(all_of_them, "conversions", usual)[0] == pytest.approx(12)
    assert usual_values({"EUR": 100}, 0) == {}
