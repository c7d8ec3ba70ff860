"""Which portrait a user resembles, by the little that is known of him: first events, hours, device,
country."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.portrait.portrait import Portraits

_HABIT: Final = 3.0
"""Events of one user that hour and device tell of at most: those of a session share both."""


def log_resemblance(
    portraits: Portraits,
    interests: FloatArray,
    hours: NDArray[np.generic],
    devices: NDArray[np.generic],
    countries: Sequence[str | None],
) -> FloatArray:
    """Log of the chance (u, groups) that users (u,) are of each group, up to a constant per user: naive Bayes
    over weights per code (u, codes), events by hour (u, 24) and device (u, 8), and the country."""
    groups = portraits.groups
    prior = np.log([group.users / portraits.users for group in groups])
    said = interests @ np.log([group.interests for group in groups]).T
    said += _habits(hours) @ np.log([group.hours for group in groups]).T
    said += _habits(devices) @ np.log([group.devices for group in groups]).T
    abroad = {
        name: [np.log(group.countries.get(name, usual) / usual) for group in groups]
        for name, usual in portraits.usual_countries.items()
    }
    nowhere = [0.0] * len(groups)
    said += np.array([abroad.get(name or "", nowhere) for name in countries]).reshape(-1, len(groups))
    return np.asarray(said + prior, np.float64)


def chances(log_resemblances: FloatArray) -> FloatArray:
    """Of each group, rows sum to 1."""
    weights = np.exp(log_resemblances - log_resemblances.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)


def mixed(log_resemblances: FloatArray, portraits: Portraits) -> FloatArray:
    """Shares per code (u, codes) of the groups that each user may be of."""
    return np.asarray(
        chances(log_resemblances) @ np.stack([group.interests for group in portraits.groups]), np.float32
    )


def _habits(counts: NDArray[np.generic]) -> FloatArray:
    held = counts.astype(np.float32)
    total = held.sum(axis=1, keepdims=True)
    most = np.minimum(total, _HABIT)
    return np.divide(held * most, total, out=np.zeros_like(held), where=total > 0)
