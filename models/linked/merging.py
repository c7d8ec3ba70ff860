"""The interests of two linked users together, each by the positives that stand behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from models.interest.decay import LONG, decay


def mass_at(mass: float, as_of_ms: int, now_ms: int) -> float:
    """A mass of long memory, decayed."""
    return mass * float(decay(now_ms - as_of_ms, LONG))


def merged_vector(
    own: NDArray[np.float32], own_mass: float, other: NDArray[np.float32], other_mass: float
) -> NDArray[np.float32]:
    """Unit vector (64,) float32 between two unit vectors; `own` where the two cancel out or have no mass."""
    mixed = own_mass * own.astype(np.float64) + other_mass * other.astype(np.float64)
    norm = float(np.linalg.norm(mixed))
    return np.asarray(mixed / norm, np.float32) if norm > 0 else own


def merged_shares(
    own: Iterable[tuple[str, float]],
    own_mass: float,
    other: Iterable[tuple[str, float]],
    other_mass: float,
    most: int,
) -> list[tuple[str, float]]:
    """Interests by name with their share, the `most` strongest first; the order of equals is that of their
    names."""
    total = own_mass + other_mass
    merged: defaultdict[str, float] = defaultdict(float)
    for interests, mass in ((own, own_mass), (other, other_mass)):
        for name, share in interests:
            merged[name] += share * mass / total if total > 0 else share / 2
    return sorted(merged.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
