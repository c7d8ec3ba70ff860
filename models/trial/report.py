"""All that is said of one experiment: its arms, whether they are in proportion, and each metric of each arm
beside the control."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.trial.comparison import Comparison, compare_arms
from models.trial.ratio import RatioEstimate, moments_of, ratio_estimate
from models.trial.sample_ratio import MISMATCH_P, sample_ratio_p
from models.trial.user_totals import DoubleArray, UserTotals

ALPHA: Final = 0.05
"""That any interval of a metric ever leaves out the truth, over all arms and all looks."""

METRICS: Final[Mapping[str, Callable[[UserTotals], tuple[DoubleArray, DoubleArray]]]] = {
    "ctr": lambda totals: (totals.clicks, totals.impressions),
    "cvr": lambda totals: (totals.conversions, totals.clicks),
    "revenue_per_user": lambda totals: (totals.revenue_minor, np.ones_like(totals.clicks)),
}
"""Metric -> what is divided by what: clicks per impression, conversions per click, minor units per user."""


@dataclass(frozen=True)
class ArmFigures:
    """One arm: how many entered, and its metrics; None where nothing was counted below the line."""

    arm: str
    share: float
    users: int
    impressions: int
    clicks: int
    conversions: int
    revenue_minor: int
    ctr: float | None
    cvr: float | None
    revenue_per_user: float | None


@dataclass(frozen=True)
class ArmDifference:
    """A metric of an arm less that of the control, and relative to it; None while there are too few users.
    `saved`: share of the variance that the users' past explained."""

    arm: str
    metric: str
    difference: float | None
    lo: float | None
    hi: float | None
    lift: float | None
    lift_lo: float | None
    lift_hi: float | None
    p: float | None
    saved: float | None

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.lo is not None and self.hi is not None and (self.lo > 0 or self.hi < 0)


@dataclass(frozen=True)
class TrialReport:
    arms: tuple[ArmFigures, ...]
    sample_ratio_p: float
    differences: tuple[ArmDifference, ...]

    @property
    def mismatch(self) -> bool:
        """Whether the arms are out of proportion: then nothing else here can be believed."""
        return self.sample_ratio_p < MISMATCH_P


def report_trial(
    shares: Sequence[tuple[str, float]], totals: Mapping[str, UserTotals], planned_users: int
) -> TrialReport:
    """`shares`: (arm, share), the first is the control. The error of 5 % is divided among the other arms."""
    of_arm = {arm: totals.get(arm, nobody()) for arm, _ in shares}
    estimates = {
        (arm, metric): ratio_estimate(moments_of(*METRICS[metric](each), each.before))
        for arm, each in of_arm.items()
        for metric in METRICS
        if len(each.clicks)
    }
    control, alpha = shares[0][0], ALPHA / max(1, len(shares) - 1)
    compared = tuple(
        _difference(
            arm,
            metric,
            compare_arms(estimates[control, metric], estimates[arm, metric], planned_users, alpha),
        )
        for arm, _ in shares[1:]
        for metric in METRICS
        if (control, metric) in estimates and (arm, metric) in estimates
    )
    figures = tuple(_figures(arm, share, of_arm[arm], estimates) for arm, share in shares)
    counted = [each.users for each in figures]
    return TrialReport(figures, sample_ratio_p(counted, [share for _, share in shares]), compared)


def nobody() -> UserTotals:
    """An arm that no user has entered."""
    return UserTotals(*(np.zeros(0),) * 5)


def _figures(
    arm: str, share: float, totals: UserTotals, estimates: Mapping[tuple[str, str], RatioEstimate]
) -> ArmFigures:
    sums = [int(column.sum()) for column in totals[:4]]
    values = [_known(estimates[arm, m].value) if (arm, m) in estimates else None for m in METRICS]
    return ArmFigures(arm, share, len(totals.clicks), *sums, *values)


def _difference(arm: str, metric: str, found: Comparison) -> ArmDifference:
    return ArmDifference(arm, metric, *(_known(each) for each in found))


def _known(value: DoubleArray) -> float | None:
    number = float(np.asarray(value).ravel()[0])
    return number if np.isfinite(number) else None
