"""What an arm earned is a function of the hours' values and the time, whatever the order of corrections."""

from __future__ import annotations

import random

import pytest

from models.measured.arm_memory import (
    MEMORY,
    STRETCHES,
    ArmMemory,
    Earned,
    FadedSums,
    reward_counts,
    rewarded_goal,
    usual_values,
)

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_795_291_200_000


@pytest.mark.parametrize("half_life_ms", [HOUR, 3 * DAY])
def test_stretches_equal_the_batch_after_shuffled_corrections(half_life_ms: int) -> None:
    rng = random.Random(3)
    hours: dict[int, list[int]] = {}
    memory = ArmMemory(half_life_ms)
    for _ in range(600):
        hour = START + rng.randrange(24 * 14) * HOUR
        old = hours.get(hour, [0, 0, 0, 0])
        new = [old[0] + rng.randrange(50), rng.randrange(9), rng.randrange(4), rng.randrange(2)]
        hours[hour] = new
        shown, clicks, sales, against = (float(a - b) for a, b in zip(new, old, strict=True))
        memory.add(hour, Earned(shown, clicks, sales, against, {"EUR": 1.0}))
    width = half_life_ms // STRETCHES
    newest = max(hour - hour % width for hour in hours)
    expected: dict[int, list[float]] = {}
    for hour, counts in hours.items():
        if (start := hour - hour % width) > newest - MEMORY * half_life_ms:
            expected[start] = [a + b for a, b in zip(expected.get(start, [0.0] * 4), counts, strict=True)]
    found = {
        start: [each.impressions, each.clicks, each.conversions, each.against]
        for start, each in memory.stretches.items()
    }
    assert found == expected and len(found) <= MEMORY * STRETCHES
    now_ms = newest + half_life_ms
    assert [weight for weight, _ in memory.faded(now_ms)] == [
        pytest.approx(2.0 ** (-(now_ms - start) / half_life_ms)) for start in sorted(expected, reverse=True)
    ]


def test_what_an_earlier_build_kept_fades_on_however_long_ago_it_began() -> None:
    half_life_ms, days = 3 * DAY, 14
    sums = FadedSums(START, half_life_ms, Earned())
    for hour in range(days * 24):
        sums.earned.add(Earned(100, 2), 2.0 ** (hour * HOUR / half_life_ms))
    memory = ArmMemory(half_life_ms, before=sums)
    now_ms = START + days * DAY
    before = memory.faded(now_ms)[-1][0] * sums.earned.impressions
    memory.add(now_ms, Earned(100, 2))
    after = sum(weight * earned.impressions for weight, earned in memory.faded(now_ms))
    assert before > 9_000 and before + 95 < after <= before + 100, (
        "an hour fades from the start of its stretch"
    )
    memory.add(now_ms + 20 * half_life_ms, Earned(100, 2))
    assert memory.before is None


def test_the_goal_decides_what_is_a_reward_and_hides_count_against() -> None:
    arm = Earned(100.0, 10.0, 4.0, 3.0, {"EUR": 8_000.0})
    assert reward_counts(arm, "clicks", {}) == (7.0, 93.0)
    assert reward_counts(arm, "conversions", {}) == (1.0, 99.0)
    usual = usual_values({"EUR": 10_000}, 10)  # one is worth 10 euros: this arm's four are worth eight
    assert reward_counts(arm, "conversions", usual) == (5.0, 95.0)
    seen = Earned(100.0, 10.0, 4.0, 3.0, viewable=60.0)
    assert reward_counts(seen, "awareness", {}) == (57.0, 43.0)
    assert rewarded_goal("awareness", 60) == "awareness"
    assert rewarded_goal("awareness", 0) == "clicks", "an ad server that tells of no viewable impression"
    hated = Earned(10.0, 1.0, 0.0, 5.0)
    assert reward_counts(hated, "clicks", {}) == (0.0, 10.0)


def test_conversions_of_several_currencies_are_worth_as_many_as_there_are() -> None:
    usual = usual_values({"EUR": 9_000, "JPY": 30_000, "USD": 0}, 12)
    all_of_them = Earned(500.0, 0.0, 12.0, 0.0, {"EUR": 9_000.0, "JPY": 30_000.0})
    assert reward_counts(all_of_them, "conversions", usual)[0] == pytest.approx(12)
    assert usual_values({"EUR": 100}, 0) == {}
