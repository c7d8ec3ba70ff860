"""IPS, SNIPS and DR: the mean reward of a policy from the log of another, with 95 % intervals.

IPS: Horvitz and Thompson 1952. SNIPS: Swaminathan and Joachims 2015. DR: Dudik, Langford and Li 2011, its
reward model fitted to the other half of the users. Errors are summed per user before they are squared, since
rounds of one user depend on each other.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from models.offpolicy.choice_log import ChoiceLog, Doubles

Z: Final = 1.959964
"""Of a two-sided 95 % normal interval."""


class Estimate(NamedTuple):
    """Mean reward per round and its 95 % interval."""

    value: float
    lo: float
    hi: float


class Overlap(NamedTuple):
    """How much of the log speaks for the policy. `effective`: (sum of weights)^2 / sum of squares, in rounds;
    `largest`: largest weight; `mean`, `mean_error`: of the weights, 1 where the logged chances are right;
    `lost`: share of the policy's choices that the log never has."""

    rounds: int
    effective: float
    largest: float
    mean: float
    mean_error: float
    lost: float


class PolicyValue(NamedTuple):
    ips: Estimate
    snips: Estimate
    dr: Estimate
    overlap: Overlap


def value_logged(log: ChoiceLog) -> PolicyValue:
    """The policy that drew: every weight is 1, so the three are the mean reward."""
    mean = _mean(log, log.reward)
    return PolicyValue(mean, mean, mean, _overlap(log, np.ones(len(log.reward)), 0.0))


def policy_weights(log: ChoiceLog, table: Doubles) -> Doubles:
    """Chance of what was drawn under a policy over that under the one that drew. (n,)"""
    return np.asarray(table[log.cell, log.arm] / log.chance)


def value_policy(log: ChoiceLog, table: Doubles, model: Doubles, lost: float = 0.0) -> PolicyValue:
    """`table` and `model` as policies.py makes them; n >= 1 rounds."""
    weights = policy_weights(log, table)
    direct = (table * model).sum(axis=1)[log.cell]
    corrected = direct + weights * (log.reward - model[log.cell, log.arm])
    whole = weights.sum()
    snips = float((weights * log.reward).sum() / whole) if whole else float("nan")
    error = weights * (log.reward - snips) / (whole / len(weights)) if whole else weights
    return PolicyValue(
        _mean(log, weights * log.reward),
        _around(log, snips, error),
        _mean(log, corrected),
        _overlap(log, weights, lost),
    )


def _overlap(log: ChoiceLog, weights: Doubles, lost: float) -> Overlap:
    squares, mean = float((weights**2).sum()), float(weights.mean())
    effective = float(weights.sum()) ** 2 / squares if squares else 0.0
    error = standard_error(log, weights - mean)
    return Overlap(len(weights), effective, float(weights.max()), mean, error, lost)


def _mean(log: ChoiceLog, terms: Doubles) -> Estimate:
    mean = float(terms.mean())
    return _around(log, mean, terms - mean)


def _around(log: ChoiceLog, value: float, error: Doubles) -> Estimate:
    half = Z * standard_error(log, error)
    return Estimate(value, value - half, value + half)


def standard_error(log: ChoiceLog, error: Doubles) -> float:
    """Of the mean of rounds whose errors are given (n,), clustered by unit (Liang and Zeger 1986, with the
    n / (n - 1) of few units)."""
    per_unit = np.bincount(log.unit, error)
    units = len(per_unit)
    return float(np.sqrt(units / max(units - 1, 1) * (per_unit**2).sum()) / len(error))
