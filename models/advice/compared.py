"""Whether one value of a dimension earns less than the others in the same circumstances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

from models.advice.cells import Z95, CampaignCell, Tally


@dataclass(frozen=True)
class ValueComparison:
    """One value beside the rest: what it earned over what the rest would have earned in its place, with a
    95 % interval, and the chance of so low a ratio if there were no difference."""

    value: str
    own: Tally
    rest: Tally
    ratio: float
    low: float
    high: float
    p: float


def compared_rates(
    cells: Sequence[CampaignCell],
    value: str,
    by: Callable[[CampaignCell], str],
    stratum: Callable[[CampaignCell], str],
) -> ValueComparison | None:
    """Mantel and Haenszel's ratio of rates over strata, its variance after Greenland and Robins (1985);
    None where it cannot be said: nothing earned, or nothing to compare with in the same stratum.

    Strata keep a value from being blamed for where it was shown.
    """
    strata: defaultdict[str, list[Tally]] = defaultdict(lambda: [Tally(), Tally()])
    for cell in cells:
        if not by(cell):
            continue
        pair = strata[stratum(cell)]
        side = by(cell) != value
        pair[side] = pair[side].plus(cell.earned, cell.impressions)
    shared = [
        (own, rest) for own, rest in map(tuple, strata.values()) if own.impressions and rest.impressions
    ]
    above = sum(own.earned * rest.impressions / _size(own, rest) for own, rest in shared)
    below = sum(rest.earned * own.impressions / _size(own, rest) for own, rest in shared)
    if above == 0 or below == 0:
        return None
    spread = sum(
        (
            own.impressions * rest.impressions * (own.earned + rest.earned)
            - own.earned * rest.earned * _size(own, rest)
        )
        / _size(own, rest) ** 2
        for own, rest in shared
    )
    ratio, sd = above / below, sqrt(spread / (above * below))
    if sd == 0:
        return None
    sides = [
        Tally(sum(t.earned for t in side), sum(t.impressions for t in side))
        for side in zip(*shared, strict=True)
    ]
    return ValueComparison(
        value, sides[0], sides[1], ratio, ratio * exp(-Z95 * sd), ratio * exp(Z95 * sd),
        NormalDist().cdf(log(ratio) / sd),
    )  # fmt: skip


def holm(p_values: Sequence[float], level: float) -> list[bool]:
    """Which of several one-sided tests are significant when all together may err with chance `level` (Holm
    1979)."""
    passed = [False] * len(p_values)
    for rank, at in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        if p_values[at] > level / (len(p_values) - rank):
            break
        passed[at] = True
    return passed


def above_p(count: int, total: int, share: float) -> float:
    """Chance of `count` or more among `total` if each came with chance `share` (in (0, 1)): the binomial
    tail, to 1e-9; also where few are expected."""
    fewer = 0.0
    for n in range(count):
        ways = lgamma(total + 1) - lgamma(n + 1) - lgamma(total - n + 1)
        fewer += exp(ways + n * log(share) + (total - n) * log1p(-share))
    return max(0.0, 1 - fewer)


def needed_impressions(rate: float, ratio: float, level: float, power: float = 0.8) -> int:
    """Impressions on each side to see, with chance `power`, that one earns `ratio` (< 1) of the other's
    `rate` at one-sided `level`: two independent shares, normal approximation (Fleiss 1981)."""
    z = NormalDist().inv_cdf(1 - level) + NormalDist().inv_cdf(power)
    low = rate * ratio
    return int(z * z * (rate * (1 - rate) + low * (1 - low)) / (rate - low) ** 2) + 1


def _size(own: Tally, rest: Tally) -> int:
    return own.impressions + rest.impressions
