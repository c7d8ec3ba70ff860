"""Candidate policies as tables: the chance of each arm in each context, (FOLDS * contexts, arms).

What is fitted to the log is fitted to the other half of its users than the one it is judged on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from models.offpolicy.choice_log import FOLDS, ChoiceLog, Doubles

PRIOR_ROUNDS: Final = 20.0
"""Rounds at the context's mean that an arm's mean reward starts from."""
EVERYWHERE: Final = "*"
"""Context of a policy file for all contexts that it does not name."""


def uniform_policy(log: ChoiceLog) -> Doubles:
    """Every arm that the log has in a context, equally often."""
    offered = log.offered.astype(np.float64)
    return np.tile(offered / np.maximum(offered.sum(axis=1, keepdims=True), 1.0), (FOLDS, 1))


def greedy_policy(log: ChoiceLog) -> Doubles:
    """The arm of the best mean reward of each context."""
    means = np.where(np.tile(log.offered, (FOLDS, 1)), mean_rewards(log), -np.inf)
    table = np.zeros_like(means)
    table[np.arange(len(means)), means.argmax(axis=1)] = 1.0
    return table


def stated_policy(log: ChoiceLog, stated: Mapping[str, Mapping[str, float]]) -> tuple[Doubles, Doubles]:
    """(table, share of each context's choices (contexts,) that fall on arms which the log has not there).
    Raises ValueError for a context it does not name."""
    table, lost = np.zeros((len(log.contexts), len(log.arms))), np.zeros(len(log.contexts))
    at = {arm: number for number, arm in enumerate(log.arms)}
    for row, context in enumerate(log.contexts):
        chances = stated.get(context, stated.get(EVERYWHERE))
        if chances is None:
            raise ValueError(
                f'the policy says nothing of "{context}": name it, or "{EVERYWHERE}" for the rest'
            )
        for arm, chance in chances.items():
            if arm in at and log.offered[row, at[arm]]:
                table[row, at[arm]] = chance
            else:
                lost[row] += chance
    return np.tile(table, (FOLDS, 1)), lost


def mean_rewards(log: ChoiceLog) -> Doubles:
    """Mean reward of each arm in each context, drawn towards the context's as if by PRIOR_ROUNDS; rows of a
    fold come from the other folds. (FOLDS * contexts, arms)"""
    cells, arms = FOLDS * len(log.contexts), len(log.arms)
    flat = log.cell * arms + log.arm
    rounds = np.bincount(flat, minlength=cells * arms).reshape(FOLDS, -1, arms)
    rewards = np.bincount(flat, log.reward, minlength=cells * arms).reshape(FOLDS, -1, arms)
    rounds, rewards = rounds.sum(axis=0) - rounds, rewards.sum(axis=0) - rewards
    whole = rewards.sum(axis=2, keepdims=True) / np.maximum(rounds.sum(axis=2, keepdims=True), 1)
    return np.asarray((rewards + PRIOR_ROUNDS * whole) / (rounds + PRIOR_ROUNDS)).reshape(cells, arms)
