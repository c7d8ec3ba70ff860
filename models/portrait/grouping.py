"""Users fall into groups by what they like and how recently, how often and for how much they take it; how
many groups there are, their later behaviour says."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray, IntArray
from models.catalog.clusters import k_means, nearest_centroid
from models.portrait.behaviour import Behaviours
from models.portrait.portrait import Portraits, portraits_of
from models.portrait.resemblance import log_resemblance, mixed

NUMBERS: Final = (2, 3, 4, 6, 8, 12, 16, 24)
"""Of groups, to choose from: more than that nobody reads."""
MOST_USERS: Final = 100_000
"""Evenly spaced ones are grouped when there are more: what a group is like is known by then."""
LEAST_PAST: Final = 2
"""Positives of a user before those that are predicted."""
_SEED: Final = 0
_SHRUNK: Final = 3.0
"""Positives of an average taste that a user's own are added to."""
_RFM: Final = 0.5
"""Weight of recency, frequency and money, each -1 to 1 by rank, beside the unit direction of interests."""


def sampled_users(behaviours: Behaviours) -> Behaviours:
    """At most MOST_USERS of the users."""
    users = behaviours.users
    if users <= MOST_USERS:
        return behaviours
    return behaviours.of(np.unique(np.linspace(0, users - 1, MOST_USERS).astype(np.int64)))


def group_features(behaviours: Behaviours) -> FloatArray:
    """Unit vectors of users, (u, d + 3): how their taste departs from everybody's, and their RFM."""
    taken = behaviours.directions()
    count = behaviours.positives()[:, None]
    usual = taken.sum(axis=0) / max(len(behaviours.user), 1)
    taste = (taken - count * usual) / (count + _SHRUNK)
    lengths = np.linalg.norm(taste, axis=1, keepdims=True)
    taste = np.divide(taste, lengths, out=np.zeros_like(taste), where=lengths > 1e-9)
    rfm = (behaviours.newest_ms(), count[:, 0], behaviours.around.spent_minor)
    both = np.column_stack([taste, *(_RFM * mean_ranks(column) for column in rfm)]).astype(np.float32)
    norms = np.linalg.norm(both, axis=1, keepdims=True)
    return np.divide(both, norms, out=np.zeros_like(both), where=norms > 1e-9)


def mean_ranks(values: NDArray[np.integer]) -> FloatArray:
    """-1 (least) to 1 (most) by mean rank, equal for equals; all 0 where all are equal. (u,)"""
    distinct, place, count = np.unique(values, return_inverse=True, return_counts=True)
    if len(distinct) < 2:
        return np.zeros(len(values), np.float32)
    middle = np.cumsum(count) - (count + 1) / 2
    return np.asarray(2 * middle[place] / (len(values) - 1) - 1, np.float32)


def grouped(behaviours: Behaviours, number: int) -> IntArray:
    """The group 0.. of each user, (u,), the largest group first."""
    points = group_features(behaviours)
    label = nearest_centroid(points, k_means(points, number, _SEED))
    size = np.bincount(label)
    place = np.empty(len(size), np.int64)
    place[np.argsort(-size, kind="stable")] = np.arange(len(size))
    return place[label]


def number_of_groups(behaviours: Behaviours, least: int) -> int:
    """The smallest number whose groups foretell what others do later as well as any does, within one standard
    error; 1 when no number beats no groups at all.

    Groups of every second user; each of the others is likened to them by the first half of what he took, and
    his second half is scored: log of its chance under the groups he is like, over its chance under everybody.
    """
    rest = behaviours.of(np.arange(1, behaviours.users, 2))
    taught = behaviours.of(np.arange(0, behaviours.users, 2))
    gains: dict[int, tuple[float, float]] = {1: (0.0, 0.0)}
    for number in NUMBERS:
        if number * least > taught.users:
            break
        made = portraits_of(taught, grouped(taught, number), least, ())
        if len(made.groups):
            gains[number] = foretold(rest, made)
    best = max(gains, key=lambda number: gains[number][0])
    enough = gains[best][0] - gains[best][1]
    return min(number for number, (gain, _) in gains.items() if gain >= enough)


def foretold(behaviours: Behaviours, portraits: Portraits) -> tuple[float, float]:
    """(mean, standard error) over users of the nats per positive that portraits say of their later half."""
    positives = behaviours.positives()
    start = np.cumsum(positives) - positives
    place = np.arange(len(behaviours.user)) - start[behaviours.user]
    past = place < (positives // 2)[behaviours.user]
    seen = behaviours.interests(past)
    around = behaviours.around
    likely = mixed(
        log_resemblance(portraits, seen, around.hours, around.devices, _names(behaviours)), portraits
    )
    said = np.log(likely / portraits.usual_interests)
    asked = (positives // 2) >= LEAST_PAST
    counted = ~past & asked[behaviours.user]
    if not counted.any():
        return 0.0, 0.0
    sums = np.bincount(
        behaviours.user[counted],
        said[behaviours.user[counted], behaviours.code[counted]],
        behaviours.users,
    )
    each = sums[asked] / (positives - positives // 2)[asked]
    return float(each.mean()), float(each.std() / np.sqrt(len(each)))


def _names(behaviours: Behaviours) -> list[str | None]:
    names = (*behaviours.around.countries, None)  # NOWHERE is the last
    return [names[index] for index in behaviours.around.country.tolist()]


def fit_portraits(behaviours: Behaviours, least: int, code_names: tuple[str, ...]) -> Portraits:
    """Portraits of as many groups as the data says, those of fewer than `least` users left out."""
    known = sampled_users(behaviours)
    number = number_of_groups(known, least)
    return portraits_of(known, grouped(known, number), least, code_names)
