"""Shares with intervals, a test for a trend, how evenly something is spread: functions of counts alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log, log2, sqrt
from statistics import NormalDist
from typing import Final

_Z: Final = NormalDist().inv_cdf(0.975)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Where a share lies with 95 %: the score interval of Wilson (1927, doi:10.1080/01621459.1927.10502953),
    which stays in [0, 1] and is right for few successes; (0, 1) of no trials.

    More successes than trials count as that many: a click whose impression is unknown has no trial.
    """
    if trials <= 0:
        return 0.0, 1.0
    share = min(max(successes, 0), trials) / trials
    weight = 1 + _Z**2 / trials
    middle = (share + _Z**2 / (2 * trials)) / weight
    spread = _Z / weight * sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2))
    return 0.0 if share == 0 else middle - spread, 1.0 if share == 1 else middle + spread


def falling_p(successes: Sequence[int], trials: Sequence[int]) -> float | None:
    """One-sided p of the Cochran-Armitage test (Armitage 1955, doi:10.2307/3001775) that the share falls from
    group to group, with scores 0, 1, 2, ...; small = it falls. None where the counts allow no test: fewer
    than two groups with trials, or the same outcome of all.
    """
    groups = [
        (k, min(s, n), n) for k, (s, n) in enumerate(zip(successes, trials, strict=True)) if n > 0 and s >= 0
    ]
    all_trials, all_successes = sum(n for _, _, n in groups), sum(s for _, s, _ in groups)
    if len(groups) < 2 or not 0 < all_successes < all_trials:
        return None
    share = all_successes / all_trials
    trend = sum(k * (s - n * share) for k, s, n in groups)
    mean = sum(k * n for k, _, n in groups) / all_trials
    variance = share * (1 - share) * sum(n * (k - mean) ** 2 for k, _, n in groups)
    return NormalDist().cdf(trend / sqrt(variance))


def evenness(counts: Iterable[int]) -> float | None:
    """Shannon entropy of the counts' shares over that of an even spread, [0, 1]; 0 = all in one. None of no
    counts."""
    some = [n for n in counts if n > 0]
    if not some:
        return None
    if len(some) == 1:
        return 0.0
    total = sum(some)
    return -sum(n / total * log2(n / total) for n in some) / (log(len(some)) / log(2))
