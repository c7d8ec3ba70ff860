"""A simulated world whose interest shifts are known: users' categories over time (the interest process), and
items in a vector space.

A user prefers categories by theta ~ Dirichlet(a0 x popularity), a0 log-uniform in 1..12; a Beta(2, 8) share
of the events follows popularity instead, and within a session the previous category is repeated with a
Beta(2, 3) probability. Process and geometry know nothing of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import IntArray

Floats = NDArray[np.float64]

NEW_SESSION: Final = 0.25
WARM_UP_EVENTS: Final = 12
"""No interest changes before this event."""
AFTERMATH: Final = 25
"""Events that follow a change at least."""
GRADUAL: Final = 20
_BURST: Final = 5
LONGEST_LIFE: Final = 160
_MINUTE: Final = 60_000


class Shift(StrEnum):
    """How a user's interest changes."""

    NONE = "none"
    ABRUPT = "abrupt"  # a fresh theta
    PARTIAL = "partial"  # half of the old, half of a fresh one
    GRADUAL = "gradual"  # from the old to a fresh one over 20 events
    BURST = "burst"  # five events elsewhere, then back: firing is an error
    RECURRING = "recurring"  # two thetas in turns of 10 to 20 events


class Population(NamedTuple):
    """Positive events of users, ordered by user and time; `change` is the first event of the new interest, -1
    none."""

    user: NDArray[np.int32]  # (events,)
    session: NDArray[np.int32]  # (events,) number within the user
    category: NDArray[np.int16]  # (events,)
    ts: IntArray  # (events,) ms
    start: IntArray  # (users + 1,) first event of each user
    change: IntArray  # (users,)


def zipf(n: int, exponent: float = 1.0) -> Floats:
    """Popularity of n things by rank, (n,), sums to 1."""
    shares = np.arange(1, n + 1) ** -exponent
    return shares / shares.sum()


def draw_theta(rng: np.random.Generator, popularity: Floats) -> Floats:
    """One user's preference over categories, (n,), sums to 1."""
    a0 = np.exp(rng.uniform(0.0, np.log(12.0)))
    theta = rng.standard_gamma(a0 * popularity)
    return theta / theta.sum()


def draw_population(
    rng: np.random.Generator,
    users: int,
    shift: Shift,
    popularity: Floats,
    begin_ms: int = 1_760_000_000_000,
    happens: bool = True,
) -> Population:
    """`users` lives of 12 + Gamma positives (median about 49, at most 160), with at least 25 after a change.

    Without `happens` the same generator gives the same users at the same times, and at `change` nothing
    changes: what is found there is found by chance.
    """
    lives = [draw_life(rng, shift, popularity, happens) for _ in range(users)]
    lengths = np.array([len(categories) for categories, _, _ in lives], np.int64)
    sessions = [np.cumsum(fresh) - 1 for _, fresh, _ in lives]
    gaps = [draw_gaps(rng, fresh) for _, fresh, _ in lives]
    return Population(
        user=np.repeat(np.arange(users, dtype=np.int32), lengths),
        session=np.concatenate(sessions).astype(np.int32),
        category=np.concatenate([categories for categories, _, _ in lives]).astype(np.int16),
        ts=begin_ms + np.concatenate([np.cumsum(gap) for gap in gaps]),
        start=np.concatenate(([0], np.cumsum(lengths))),
        change=np.array([change for _, _, change in lives], np.int64),
    )


def draw_life(
    rng: np.random.Generator, shift: Shift, popularity: Floats, happens: bool = True
) -> tuple[IntArray, NDArray[np.bool_], int]:
    """(categories (n,), opens a session (n,), event of the change or -1) of one user."""
    n = min(WARM_UP_EVENTS + int(rng.gamma(1.5, 31.0)), LONGEST_LIFE)
    change = -1
    if shift is not Shift.NONE:
        change = int(rng.integers(WARM_UP_EVENTS, max(WARM_UP_EVENTS + 1, n - AFTERMATH)))
        n = max(n, change + AFTERMATH)
    fresh = rng.random(n) < NEW_SESSION
    fresh[0] = True
    new, old = (draw_categories(rng, draw_theta(rng, popularity), n) for _ in range(2))
    wanted = np.where(is_new(rng, shift, n, change) & happens, new, old)
    wanted = np.where(rng.random(n) < rng.beta(2.0, 8.0), draw_categories(rng, popularity, n), wanted)
    repeats = (rng.random(n) < rng.beta(2.0, 3.0)) & ~fresh
    source = np.maximum.accumulate(np.where(repeats, 0, np.arange(n)))
    return wanted[source], fresh, change


def is_new(rng: np.random.Generator, shift: Shift, n: int, change: int) -> NDArray[np.bool_]:
    """Which events follow the new interest, (n,)."""
    since = np.arange(n) - change
    after = since >= 0
    match shift:
        case Shift.ABRUPT:
            return after
        case Shift.PARTIAL:
            return after & (rng.random(n) < 0.5)
        case Shift.GRADUAL:
            return after & (rng.random(n) < (since + 1) / GRADUAL)
        case Shift.BURST:
            return after & (since < _BURST)
        case Shift.RECURRING:
            return after & (since // int(rng.integers(10, 21)) % 2 == 0)
        case _:
            return np.zeros(n, np.bool_)


def draw_categories(rng: np.random.Generator, shares: Floats, n: int) -> IntArray:
    """n independent categories, (n,)."""
    return np.minimum(np.searchsorted(np.cumsum(shares), rng.random(n), side="right"), len(shares) - 1)


def draw_gaps(rng: np.random.Generator, fresh: NDArray[np.bool_]) -> IntArray:
    """Ms before each event: about 2 minutes within a session (at most 20), hours to days between sessions."""
    within = np.minimum(rng.exponential(2.0, len(fresh)), 20.0)
    between = 45.0 + rng.exponential(24.0 * 60.0, len(fresh))
    return (np.where(fresh, between, within) * _MINUTE).astype(np.int64)


@dataclass(frozen=True)
class Geometry:
    """Items of a simulated catalogue: `vectors` (n, d) unit norm, `category` (n,); popularity within a
    category is Zipf."""

    vectors: NDArray[np.float32]
    category: IntArray

    def choose(self, rng: np.random.Generator, categories: NDArray[np.integer]) -> IntArray:
        """One item of each category, by popularity within it; (n,)."""
        order = np.argsort(self.category, kind="stable")
        first = np.searchsorted(self.category[order], np.arange(self.category.max() + 2))
        chosen = np.empty(len(categories), np.int64)
        for category in np.unique(categories):
            where = np.flatnonzero(categories == category)
            own = order[first[category] : first[category + 1]]
            chosen[where] = own[draw_categories(rng, zipf(len(own)), len(where))]
        return chosen


def draw_geometry(
    rng: np.random.Generator,
    items: int = 20_000,
    categories: int = 50,
    groups: int = 10,
    dimensions: int = 64,
    common: float = 0.7,
    noise: float = 0.8,
) -> Geometry:
    """Items around category centres that share super-clusters (correlation 0.4) and a common direction
    (anisotropy)."""

    def directions(n: int) -> Floats:
        x = rng.standard_normal((n, dimensions))
        return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))

    centres = np.sqrt(0.4) * directions(groups)[np.arange(categories) % groups] + np.sqrt(0.6) * directions(
        categories
    )
    category = np.arange(items) % categories
    x = common * directions(1) + centres[category] + noise * directions(items)
    return Geometry((x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32), category)
