"""A log of choices as arrays: in which context, which arm was drawn with what chance, what that earned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import IntArray

Doubles = NDArray[np.float64]

FOLDS: Final = 2


class ChoiceLog(NamedTuple):
    """`context`, `arm`: indices into the names; `chance`: of the arm, in (0, 1]; `unit`: the user, whose
    rounds depend on each other; `fold`: half of the units, so that nothing is judged by what fitted it."""

    context: IntArray  # (n,)
    arm: IntArray  # (n,)
    reward: Doubles  # (n,)
    chance: Doubles  # (n,)
    unit: IntArray  # (n,)
    fold: IntArray  # (n,) in [0, FOLDS)
    contexts: tuple[str, ...]
    arms: tuple[str, ...]

    @property
    def offered(self) -> NDArray[np.bool_]:
        """(contexts, arms): whether the log has the arm in the context."""
        seen = np.zeros((len(self.contexts), len(self.arms)), np.bool_)
        seen[self.context, self.arm] = True
        return seen

    @property
    def cell(self) -> IntArray:
        """(n,): row of a (FOLDS * contexts, ...) table, as policies and reward models have."""
        return self.fold * len(self.contexts) + self.context


def choice_log(
    context: Sequence[str], arm: Sequence[str], reward: Doubles, chance: Doubles, unit: IntArray
) -> ChoiceLog:
    """From names, n each; `unit` = any number per user, whose parity says the half."""
    contexts, context_at = _numbered(context)
    arms, arm_at = _numbered(arm)
    return ChoiceLog(
        context_at, arm_at, np.asarray(reward, np.float64), np.asarray(chance, np.float64),
        np.unique(unit, return_inverse=True)[1].astype(np.int64), np.asarray(unit % FOLDS, np.int64),
        contexts, arms,
    )  # fmt: skip


def _numbered(names: Sequence[str]) -> tuple[tuple[str, ...], IntArray]:
    known: Mapping[str, int] = {name: at for at, name in enumerate(sorted(set(names)))}
    return tuple(known), np.array([known[name] for name in names], np.int64)
