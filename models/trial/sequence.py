"""Intervals that hold at every look at once, however often one looks and whenever one stops.

Asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, arXiv 2103.06476, theorem
2.2): with n users of variance s2, the mean lies for all n at once in mean +- margin(n) * s. A user's totals
grow while the experiment runs: what one user adds is positively correlated, which makes the maximum over
looks smaller, never larger (Slepian's inequality).
"""

from __future__ import annotations

import numpy as np

from models.trial.user_totals import DoubleArray


def narrowest_at(users: int, alpha: float) -> float:
    """The rho squared whose sequence is about narrowest at so many users (their equation 10)."""
    return float(-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / users


def always_valid_margin(users: DoubleArray, rho2: float, alpha: float) -> DoubleArray:
    """Half the width for unit variance, (...)."""
    grown = users * rho2 + 1
    return np.sqrt(2 * grown * np.log(np.sqrt(grown) / alpha) / (users**2 * rho2))


def always_valid_p(z2: DoubleArray, users: DoubleArray, rho2: float) -> DoubleArray:
    """The smallest alpha whose interval leaves out zero, at most 1; `z2`: (mean / standard error) squared."""
    grown = users * rho2 + 1
    return np.minimum(1.0, np.sqrt(grown) * np.exp(-z2 * users * rho2 / (2 * grown)))
