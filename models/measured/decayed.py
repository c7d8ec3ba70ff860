"""What an arm has earned, decayed by age: a pure function of the values of its hours and the time.

D(t) = sum over hours of value * 2^(-(t - hour) / half-life). It is linear in the values, so a correction of
an old hour is added with that hour's weight, whenever it comes.
"""

from __future__ import annotations

from typing import Final

import msgspec

_MOST_HALVES: Final = 32
"""Half-lives between the sums' own time and what is added, at most: then they are brought to a newer time."""


class Decayed(msgspec.Struct, array_like=True):
    """Decayed sums as of `at_ms`; `value` by currency, in minor units."""

    half_life_ms: int
    at_ms: int = 0
    impressions: float = 0.0
    clicks: float = 0.0
    conversions: float = 0.0
    against: float = 0.0  # hides and reports
    value: dict[str, float] = {}

    def add(self, hour_ms: int, counts: tuple[int, int, int, int], value: dict[str, int]) -> None:
        """More of one hour, or less: impressions, clicks, conversions, hides and reports."""
        if not self.at_ms or hour_ms - self.at_ms > _MOST_HALVES * self.half_life_ms:
            self.bring_to(hour_ms)
        weight = self._weight(self.at_ms - hour_ms)
        self.impressions += weight * counts[0]
        self.clicks += weight * counts[1]
        self.conversions += weight * counts[2]
        self.against += weight * counts[3]
        for currency, minor in value.items():
            self.value[currency] = self.value.get(currency, 0.0) + weight * minor

    def as_of(self, now_ms: int) -> Decayed:
        """The same at another time."""
        other = msgspec.structs.replace(self, value=dict(self.value))
        other.bring_to(now_ms)
        return other

    def bring_to(self, now_ms: int) -> None:
        """Decay to another time, or back."""
        weight = self._weight(now_ms - self.at_ms) if self.at_ms else 1.0
        self.impressions *= weight
        self.clicks *= weight
        self.conversions *= weight
        self.against *= weight
        self.value = {currency: minor * weight for currency, minor in self.value.items()}
        self.at_ms = now_ms

    def _weight(self, age_ms: int) -> float:
        return float(2.0 ** (-age_ms / self.half_life_ms))


def reward_counts(decayed: Decayed, goal: str, usual_value: dict[str, float]) -> tuple[float, float]:
    """(alpha, beta) of ads.arm.v1: rewarded impressions and the others, without a prior.

    A click is a reward; where the goal is conversions, a conversion of the campaign's usual value is one
    (`usual_value`: minor units of one by currency; of none, each counts alike). Each hide and report takes
    one back.
    """
    rewards = decayed.clicks
    if goal == "conversions":
        worth = [decayed.value.get(currency, 0.0) / usual for currency, usual in usual_value.items() if usual]
        rewards = sum(worth) if worth else decayed.conversions
    alpha = min(max(rewards - decayed.against, 0.0), max(decayed.impressions, 0.0))
    return alpha, max(decayed.impressions - alpha, 0.0)


def usual_values(value: dict[str, int], conversions: int) -> dict[str, float]:
    """What a conversion of a campaign is worth in minor units, by currency, so that all its conversions
    together are worth as many as there are; empty where none was worth anything."""
    if conversions <= 0:
        return {}
    paid = {currency: minor for currency, minor in value.items() if minor > 0}
    return {currency: minor * len(paid) / conversions for currency, minor in paid.items()}
