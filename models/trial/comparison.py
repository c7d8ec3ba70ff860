"""An arm beside the control: difference and lift of a metric, with always-valid intervals.

What users did before the experiment explains part of what they do in it (CUPED: Deng, Xu, Kohavi and Walker
2013): theta * (mean before of the arm - that of the control) is taken off the difference. theta is the one
that makes the variance smallest, so it never grows; `saved` says by how much it fell.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from models.trial.ratio import RatioEstimate
from models.trial.sequence import always_valid_margin, always_valid_p, narrowest_at
from models.trial.user_totals import DoubleArray

FEWEST_USERS: Final = 30
"""Per arm; with fewer nothing is said, as the intervals are asymptotic."""


class Comparison(NamedTuple):
    """Each (...); not a number where there are too few users or nothing was counted. `lift` is relative to
    the control; both intervals hold for all looks at once, `p` likewise."""

    difference: DoubleArray
    lo: DoubleArray
    hi: DoubleArray
    lift: DoubleArray
    lift_lo: DoubleArray
    lift_hi: DoubleArray
    p: DoubleArray
    saved: DoubleArray  # share of the variance that the past explained


def compare_arms(control: RatioEstimate, arm: RatioEstimate, planned_users: int, alpha: float) -> Comparison:
    """`planned_users`: of both arms together, where the intervals are to be narrowest; fixed before the first
    look."""
    with np.errstate(divide="ignore", invalid="ignore"):
        theta, plain, variance = _adjusted(control, arm)
        shift = theta * (arm.before_mean - control.before_mean)
        users = control.users + arm.users
        rho2 = narrowest_at(planned_users, alpha)
        enough = (np.minimum(control.users, arm.users) >= FEWEST_USERS) & (variance > 0)
        margin = np.where(enough, always_valid_margin(users, rho2, alpha) * np.sqrt(users), np.nan)
        difference = arm.value - control.value - shift
        half = margin * np.sqrt(variance)
        lift, lift_lo, lift_hi = _lift(control, arm, theta, shift, margin)
        p = np.where(enough, always_valid_p(difference**2 / variance, users, rho2), np.nan)
        saved = np.where(plain > 0, 1 - variance / plain, 0.0)
    return Comparison(difference, difference - half, difference + half, lift, lift_lo, lift_hi, p, saved)


def _adjusted(control: RatioEstimate, arm: RatioEstimate) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
    """(theta, variance of the plain difference, variance of the adjusted one)."""
    plain = control.variance / control.users + arm.variance / arm.users
    shared = control.covariance / control.users + arm.covariance / arm.users
    spread = control.before_variance / control.users + arm.before_variance / arm.users
    theta = np.where(spread > 0, shared / spread, 0.0)
    return theta, plain, np.maximum(plain - theta * shared, 0.0)


def _lift(
    control: RatioEstimate, arm: RatioEstimate, theta: DoubleArray, shift: DoubleArray, margin: DoubleArray
) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
    """Ratio of the two less one, its interval on the logarithm."""
    raised = np.where((arm.value - shift > 0) & (control.value > 0), arm.value - shift, np.nan)
    ratio = np.log(raised) - np.log(control.value)
    error = np.sqrt(_relative(arm, theta, raised) + _relative(control, theta, control.value))
    return np.expm1(ratio), np.expm1(ratio - margin * error), np.expm1(ratio + margin * error)


def _relative(side: RatioEstimate, theta: DoubleArray, value: DoubleArray) -> DoubleArray:
    left = side.variance - 2 * theta * side.covariance + theta**2 * side.before_variance
    return np.maximum(left, 0.0) / (side.users * value**2)
