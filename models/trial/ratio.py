"""A metric that is a sum over a sum (clicks over impressions) where users, not impressions, are independent.

Delta method on users' totals (Deng, Knoblich and Lu 2018, arXiv 1803.06336): the error of R = sum y / sum d
is the mean over users of (y - R d) / mean d. Moments are all that is needed, so an arm of millions is ten
numbers, and every function takes a whole axis of looks at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.trial.user_totals import DoubleArray


class Moments(NamedTuple):
    """Of (y, d, before) over users: `users` (...), `mean` (..., 3), `cov` (..., 3, 3); any leading axes."""

    users: DoubleArray
    mean: DoubleArray
    cov: DoubleArray


class RatioEstimate(NamedTuple):
    """`value` = R; the rest is of one user's influence on it, and of `before`. All (...)."""

    users: DoubleArray
    value: DoubleArray
    variance: DoubleArray
    before_mean: DoubleArray
    before_variance: DoubleArray
    covariance: DoubleArray


def moments_of(y: DoubleArray, d: DoubleArray, before: DoubleArray) -> Moments:
    """Of n users, each array (n,), n >= 1."""
    return running_moments(y, d, before, np.array([len(y)]))


def running_moments(y: DoubleArray, d: DoubleArray, before: DoubleArray, first: np.ndarray) -> Moments:
    """Of the first so many users, for each number of `first` (looks,), each at least 1."""
    columns = np.stack([y, d, before], axis=1)
    sums = np.cumsum(columns, axis=0)[first - 1]
    products = np.cumsum(columns[:, :, None] * columns[:, None, :], axis=0)[first - 1]
    users = first.astype(np.float64)
    mean = sums / users[:, None]
    return Moments(users, mean, products / users[:, None, None] - mean[:, :, None] * mean[:, None, :])


def ratio_estimate(moments: Moments) -> RatioEstimate:
    """R and the moments of its influence; not a number where nothing was counted in the denominator."""
    mean, cov = moments.mean, moments.cov
    with np.errstate(divide="ignore", invalid="ignore"):
        value = mean[..., 0] / mean[..., 1]
        variance = cov[..., 0, 0] - 2 * value * cov[..., 0, 1] + value**2 * cov[..., 1, 1]
        covariance = cov[..., 0, 2] - value * cov[..., 1, 2]
        return RatioEstimate(
            moments.users, value, np.maximum(variance, 0.0) / mean[..., 1] ** 2,
            mean[..., 2], np.maximum(cov[..., 2, 2], 0.0), covariance / mean[..., 1],
        )  # fmt: skip
