"""Logistic regression that learns from one showing at a time: FTRL-proximal (McMahan et al. 2013, algorithm
1).

Per slot two sums: z of gradients less the proximal term, n of squared gradients. The weight is
w = 0 where |z| <= l1, else -(z - sign(z) l1) / ((beta + sqrt n) / alpha + l2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numba.types import bool_, float32, float64, int32
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.click.features import BIAS_SLOT, SLOT_BITS, SlotArray
from models.kernels.argument_types import matrix, named_tuple, read_only, vector
from models.kernels.compiled import kernel, part

Rates = NDArray[np.float64]
Labels = NDArray[np.bool_]
_MOST_LOGIT: Final = 30.0
START_LOGIT: Final = -3.0
"""What is expected before anything is learnt: a rate of 0.047. From one half on, every slot would first have
to learn that clicks are rare."""


class Learning(NamedTuple):
    """Rates and penalties of FTRL, and what the loss weighs.

    `gamma` > 0 is the focal loss (Lin et al. 2017), -(1 - p_t)^gamma log p_t; `positive` and `negative` weigh
    the classes. All three away from 0, 1, 1 break calibration: rates are then good for ranking alone.
    """

    alpha: float = 0.03
    beta: float = 1.0
    l1: float = 0.0
    l2: float = 20.0
    gamma: float = 0.0
    positive: float = 1.0
    negative: float = 1.0


LEARNING_TYPE: Final = named_tuple(Learning, *[float64] * len(Learning._fields))


@dataclass(frozen=True, eq=False)
class Weights:
    """The two sums of each slot, both (2^bits,) float32; `learn_rates` changes them in place."""

    z: FloatArray
    n: FloatArray

    @classmethod
    def empty(cls, bits: int = SLOT_BITS) -> Weights:
        """All weights 0: every rate is one half."""
        return cls(np.zeros(1 << bits, np.float32), np.zeros(1 << bits, np.float32))

    @classmethod
    def fresh(cls, learning: Learning, bits: int = SLOT_BITS) -> Weights:
        """Nothing learnt: START_LOGIT stands in the bias."""
        weights = cls.empty(bits)
        weights.z[BIAS_SLOT] = -START_LOGIT * (learning.beta / learning.alpha + learning.l2) + learning.l1
        return weights

    def copy(self) -> Weights:
        """The same, apart."""
        return Weights(self.z.copy(), self.n.copy())


@part
def learnt_weight_of(z: float, n: float, learning: Learning) -> float:
    """The weight of a slot by its two sums."""
    if abs(z) <= learning.l1:
        return 0.0
    sign = 1.0 if z > 0 else -1.0
    return -(z - sign * learning.l1) / ((learning.beta + np.sqrt(n)) / learning.alpha + learning.l2)


@part
def rate_of(logit: float) -> float:
    """The logistic function, its argument held within +-30."""
    return 1.0 / (1.0 + np.exp(-min(max(logit, -_MOST_LOGIT), _MOST_LOGIT)))


@part
def loss_slope(rate: float, clicked: bool, learning: Learning) -> float:
    """Derivative of the weighted (focal) loss by the logit."""
    gamma = learning.gamma
    if clicked:
        slope = rate - 1.0
        if gamma > 0.0:
            slope = (1.0 - rate) ** gamma * (gamma * rate * np.log(rate) - (1.0 - rate))
        return learning.positive * slope
    slope = rate
    if gamma > 0.0:
        slope = rate**gamma * (rate - gamma * (1.0 - rate) * np.log(1.0 - rate))
    return learning.negative * slope


@kernel(
    read_only(matrix(int32)), read_only(vector(bool_)), vector(float32), vector(float32), LEARNING_TYPE,
    vector(float64),
)  # fmt: skip
def learn_rows(
    slots: SlotArray, clicked: Labels, z: FloatArray, n: FloatArray, learning: Learning, rates: Rates
) -> None:
    """One step per row, in order; `rates` gets what was expected before the row was learnt."""
    for row in range(slots.shape[0]):
        logit = 0.0
        for at in range(slots.shape[1]):
            slot = slots[row, at]
            if slot >= 0:
                logit += learnt_weight_of(z[slot], n[slot], learning)
        rates[row] = rate_of(logit)
        slope = loss_slope(rates[row], clicked[row], learning)
        for at in range(slots.shape[1]):
            slot = slots[row, at]
            if slot >= 0:
                before = n[slot]
                after = before + slope * slope
                step = (np.sqrt(after) - np.sqrt(before)) / learning.alpha
                z[slot] += slope - step * learnt_weight_of(z[slot], before, learning)
                n[slot] = after


@kernel(
    read_only(matrix(int32)), read_only(vector(float32)), read_only(vector(float32)), LEARNING_TYPE,
    vector(float64),
)  # fmt: skip
def rate_rows(slots: SlotArray, z: FloatArray, n: FloatArray, learning: Learning, rates: Rates) -> None:
    """The expected rate of each row."""
    for row in range(slots.shape[0]):
        logit = 0.0
        for at in range(slots.shape[1]):
            slot = slots[row, at]
            if slot >= 0:
                logit += learnt_weight_of(z[slot], n[slot], learning)
        rates[row] = rate_of(logit)


def learn_rates(weights: Weights, slots: SlotArray, clicked: Labels, learning: Learning) -> Rates:
    """Learns rows in order and returns what was expected of each before it was learnt (progressive
    validation), (n,)."""
    rates = np.empty(len(slots))
    learn_rows(slots, np.ascontiguousarray(clicked, np.bool_), weights.z, weights.n, learning, rates)
    return rates


def expected_rates(weights: Weights, slots: SlotArray, learning: Learning) -> Rates:
    """Expected rates, (n,) in (0, 1)."""
    rates = np.empty(len(slots))
    rate_rows(slots, weights.z, weights.n, learning, rates)
    return rates
