"""What an arm has earned, in stretches of time: a pure function of the values of its hours.

A stretch is a twelfth of a half-life, and MEMORY half-lives are kept: what is older weighs less than an
eighth, and is dropped. An hour's correction changes the stretch that the hour lies in, whenever it comes, so
that the sums do not depend on the order.
"""

from __future__ import annotations

from typing import Final

import msgspec

STRETCHES: Final = 12
"""In a half-life."""
MEMORY: Final = 3
"""Half-lives."""


Amount = int | float
"""Integers where nothing has faded: a third of the bytes."""


class Earned(msgspec.Struct, array_like=True):
    """Sums of one stretch, or of several; `value` by currency, in minor units."""

    impressions: Amount = 0
    clicks: Amount = 0
    conversions: Amount = 0
    against: Amount = 0  # hides and reports
    value: dict[str, Amount] = {}
    viewable: Amount = 0

    def add(self, other: Earned, weight: Amount = 1) -> None:
        self.impressions += weight * other.impressions
        self.clicks += weight * other.clicks
        self.conversions += weight * other.conversions
        self.against += weight * other.against
        self.viewable += weight * other.viewable
        for currency, minor in other.value.items():
            self.value[currency] = self.value.get(currency, 0) + weight * minor


class FadedSums(msgspec.Struct, array_like=True):
    """What an earlier build kept of an arm: all hours as one sum, each grown by its age after `at_ms`."""

    at_ms: int
    half_life_ms: int
    earned: Earned

    def weight(self, now_ms: int) -> float:
        return float(2.0 ** (-(now_ms - self.at_ms) / self.half_life_ms))


class ArmMemory(msgspec.Struct, array_like=True):
    """Sums by start of their stretch; `before` goes when less than an impression is left of it."""

    half_life_ms: int
    stretches: dict[int, Earned] = {}
    before: FadedSums | None = None

    def add(self, hour_ms: int, earned: Earned) -> None:
        """More of one hour, or less."""
        start_ms = hour_ms - hour_ms % max(self.half_life_ms // STRETCHES, 1)
        self.stretches.setdefault(start_ms, Earned()).add(earned)
        oldest_ms = max(self.stretches) - MEMORY * self.half_life_ms
        for start_ms in [each for each in self.stretches if each <= oldest_ms]:
            del self.stretches[start_ms]
        before = self.before
        if before is not None and before.earned.impressions * before.weight(max(self.stretches)) < 1:
            self.before = None

    def faded(self, now_ms: int) -> list[tuple[float, Earned]]:
        """Weight by age and sums of each stretch, newest first, what an earlier build kept last."""
        faded = [
            (float(2.0 ** (-(now_ms - start_ms) / self.half_life_ms)), self.stretches[start_ms])
            for start_ms in sorted(self.stretches, reverse=True)
        ]
        if self.before is not None:
            faded.append((self.before.weight(now_ms), self.before.earned))
        return faded


def reward_counts(earned: Earned, goal: str, usual_value: dict[str, float]) -> tuple[float, float]:
    """(alpha, beta) of ads.arm.v1: rewarded impressions and the others, without a prior.

    A click is a reward; where the goal is awareness, an impression that could be seen; where it is
    conversions, a conversion of the campaign's usual value (`usual_value`: minor units of one by currency; of
    none, each counts alike). Each hide and report takes one back.
    """
    rewards = earned.viewable if goal == "awareness" else earned.clicks
    if goal == "conversions":
        worth = [earned.value.get(currency, 0.0) / usual for currency, usual in usual_value.items() if usual]
        rewards = sum(worth) if worth else earned.conversions
    alpha = min(max(rewards - earned.against, 0.0), max(earned.impressions, 0.0))
    return alpha, max(earned.impressions - alpha, 0.0)


def rewarded_goal(goal: str, viewable: int) -> str:
    """What arms of a campaign are rewarded for: of an ad server that does not tell of `viewable` impressions,
    clicks are all that is known where the goal is awareness."""
    return "clicks" if goal == "awareness" and not viewable else goal


def usual_values(value: dict[str, int], conversions: int) -> dict[str, float]:
    """What a conversion of a campaign is worth in minor units, by currency, so that all its conversions
    together are worth as many as there are; empty where none was worth anything."""
    if conversions <= 0:
        return {}
    paid = {currency: minor for currency, minor in value.items() if minor > 0}
    return {currency: minor * len(paid) / conversions for currency, minor in paid.items()}
