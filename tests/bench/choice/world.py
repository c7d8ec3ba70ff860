"""A campaign with one slot in a simulated world: its arms' click rates, feedback that comes late, counts that
fade."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

EVERY: Final = 100
"""Impressions between two looks at what came back: posteriors are published once a second, not per event."""

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class World(NamedTuple):
    """Rates are dealt to the arms anew for each seed. At `swap` the best and the worst arm change places."""

    rates: tuple[float, ...]
    impressions: int
    swap: int
    delay: int  # impressions until a click, or its absence, is known
    half_life: float  # impressions after which feedback counts half, for all policies


@dataclass
class Counts:
    """What a policy is told: faded impressions and clicks per arm, (K,) each."""

    shown: Floats
    clicked: Floats


class Policy(Protocol):
    """A way to choose."""

    def choose(self, counts: Counts, n: int) -> tuple[Indices, Floats]:
        """Arms of the next `n` impressions, (n,), and P(arm) as it would be logged, (K,)."""

    def learn(self, arms: Indices, clicks: Indices) -> None:
        """Feedback of impressions, in order; policies that live by `Counts` need none."""


@dataclass(frozen=True)
class Run:
    """What one policy did to one seed of a world."""

    regret: float  # clicks that always showing the best arm would have brought more, in expectation
    best_share: Floats  # share of the best arm of the moment, per EVERY impressions
    shares: Floats  # observed, (K,)
    logged: Floats  # mean P(arm), (K,)


def play(world: World, policy: Policy, seed: int) -> Run:
    """The world under a policy. Rates and luck depend on the seed alone: the n-th showing of an arm is as
    lucky under every policy, so that two policies learn the same of what both have shown as often."""
    before = np.random.default_rng([seed, 1]).permutation(world.rates)
    after = swapped(before)
    arms = len(before)
    luck = np.random.default_rng([seed, 2]).random((arms, world.impressions))
    shown = np.zeros(arms, np.int64)
    counts = Counts(np.zeros(arms), np.zeros(arms))
    late: deque[tuple[Indices, Indices]] = deque()
    fade = 2.0 ** (-EVERY / world.half_life)
    best_share, logged, regret = [], np.zeros(arms), 0.0
    for start in range(0, world.impressions, EVERY):
        rates = before if start < world.swap else after
        counts.shown *= fade
        counts.clicked *= fade
        if len(late) * EVERY > world.delay:
            _tell(policy, counts, *late.popleft())
        chosen, chances = policy.choose(counts, EVERY)
        clicks = (luck[chosen, shown[chosen] + earlier(chosen)] < rates[chosen]).astype(np.int64)
        shown += np.bincount(chosen, minlength=arms)
        late.append((chosen, clicks))
        regret += float((rates.max() - rates[chosen]).sum())
        best_share.append(float((chosen == rates.argmax()).mean()))
        logged += EVERY * chances
    return Run(regret, np.array(best_share), shown / world.impressions, logged / world.impressions)


def earlier(chosen: Indices) -> Indices:
    """Of each, how many before it are the same, (n,)."""
    order = np.argsort(chosen, kind="stable")
    place = np.arange(len(chosen))
    first = np.searchsorted(chosen[order], chosen[order])
    found = np.empty_like(chosen)
    found[order] = place - first
    return found


def swapped(rates: Floats) -> Floats:
    """The best and the worst arm with each other's rates."""
    other: Any = rates.copy()
    best, worst = rates.argmax(), rates.argmin()
    other[[best, worst]] = rates[[worst, best]]
    return np.asarray(other)


def _tell(policy: Policy, counts: Counts, arms: Indices, clicks: Indices) -> None:
    counts.shown += np.bincount(arms, minlength=len(counts.shown))
    counts.clicked += np.bincount(arms, clicks, minlength=len(counts.shown))
    policy.learn(arms, clicks)
