"""Whether an arm still earns what it did: the posterior of the last change of its reward rate.

Each stretch of time (models/measured/arm_memory.py) may begin another rate, with chance HAZARD; before and
after it the rewards are binomial with rates of their own, each with the same Beta prior. With B the evidence
of counts on that prior (a beta-binomial likelihood), the change at stretch j has the weight
HAZARD B(newer than j) B(j and older) / B(all), no change has 1. A stretch counts as far as nothing changed
since. The same idea as Bayesian online change point detection (Adams and MacKay 2007, arXiv 0710.3742), for
the last change alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from models.measured.arm_memory import STRETCHES, ArmMemory, Earned, reward_counts

HAZARD: Final = 0.02 / STRETCHES
"""One change in 50 half-lives: with 3 days for a half-life, one in five months."""


def standing_shares(counts: Sequence[tuple[float, float]], rate: float) -> list[float]:
    """Per stretch, newest first, the probability that the reward rate has not changed since.

    counts: rewards and other impressions of each, faded; rate: the prior's mean, which counts as one reward,
    in (0, 1).
    """
    a, b = 1.0, (1.0 - rate) / rate
    rewards, others = sum(alpha for alpha, _ in counts), sum(beta for _, beta in counts)
    unchanged = _log_beta(a + rewards, b + others) + _log_beta(a, b)
    factors, newer, newer_others = list[float](), 0.0, 0.0
    for alpha, beta in counts[:-1]:
        newer, newer_others = newer + alpha, newer_others + beta
        older, older_others = max(rewards - newer, 0.0), max(others - newer_others, 0.0)
        factors.append(
            _log_beta(a + newer, b + newer_others) + _log_beta(a + older, b + older_others) - unchanged
        )
    most = max(factors, default=0.0)
    weights = [HAZARD * math.exp(factor - max(most, 0.0)) for factor in factors]
    total = sum(weights) + math.exp(-max(most, 0.0))
    shares, changed = [1.0] if counts else [], 0.0
    for weight in weights:
        changed += weight / total
        shares.append(max(1.0 - changed, 0.0))
    return shares


def standing_counts(
    memory: ArmMemory, now_ms: int, goal: str, usual_value: dict[str, float], rate: float
) -> tuple[float, float]:
    """(alpha, beta) of ads.arm.v1: what the arm earned, faded by age and as far as it still holds."""
    faded = memory.faded(now_ms)
    counts = [
        (weight * alpha, weight * beta)
        for weight, (alpha, beta) in (
            (weight, reward_counts(earned, goal, usual_value)) for weight, earned in faded
        )
    ]
    total = Earned()
    for (weight, earned), share in zip(faded, standing_shares(counts, rate), strict=True):
        total.add(earned, weight * share)
    return reward_counts(total, goal, usual_value)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
