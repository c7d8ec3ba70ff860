"""FTRL-proximal against a plain reading of the paper, its losses against finite differences."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest

from models.click.learner import (
    START_LOGIT,
    Learning,
    Weights,
    expected_rates,
    learn_rates,
    loss_slope,
)


class PlainFtrl:
    """Algorithm 1 of McMahan et al. 2013, one example at a time, in doubles."""

    def __init__(self, learning: Learning, start: float) -> None:
        self.learning = learning
        self.z: defaultdict[int, float] = defaultdict(float)
        self.n: defaultdict[int, float] = defaultdict(float)
        self.z[0] = start

    def weight(self, slot: int) -> float:
        alpha, beta, l1, l2 = self.learning[:4]
        z, n = self.z[slot], self.n[slot]
        if abs(z) <= l1:
            return 0.0
        return -(z - math.copysign(l1, z)) / ((beta + math.sqrt(n)) / alpha + l2)

    def step(self, slots: list[int], clicked: bool) -> float:
        weights = [self.weight(slot) for slot in slots]
        rate = 1 / (1 + math.exp(-sum(weights)))
        g = rate - clicked
        for slot, weight in zip(slots, weights, strict=True):
            sigma = (math.sqrt(self.n[slot] + g * g) - math.sqrt(self.n[slot])) / self.learning.alpha
            self.z[slot] += g - sigma * weight
            self.n[slot] += g * g
        return rate


@pytest.mark.parametrize("learning", [Learning(), Learning(alpha=0.1, l1=0.5, l2=1.0)])
def test_rates_are_those_of_the_papers_algorithm(learning: Learning) -> None:
    rng = np.random.default_rng(3)
    slots = np.array([[0, *rng.choice(np.arange(1, 64), 5, replace=False)] for _ in range(400)], np.int32)
    slots[rng.random(slots.shape) < 0.1] = -1
    clicked = rng.random(400) < 0.2
    weights = Weights.fresh(learning, 6)
    plain = PlainFtrl(learning, float(weights.z[0]))
    expected = [
        plain.step([slot for slot in row if slot >= 0], bool(y))
        for row, y in zip(slots.tolist(), clicked, strict=True)
    ]
    np.testing.assert_allclose(learn_rates(weights, slots, clicked, learning), expected, rtol=2e-4)
    after = [1 / (1 + math.exp(-sum(plain.weight(s) for s in row if s >= 0))) for row in slots.tolist()]
    np.testing.assert_allclose(expected_rates(weights, slots, learning), after, rtol=2e-4)


def test_nothing_learnt_is_a_rare_click() -> None:
    rates = expected_rates(Weights.fresh(Learning()), np.array([[0, 7]], np.int32), Learning())
    assert rates[0] == pytest.approx(1 / (1 + math.exp(-START_LOGIT)), rel=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("clicked", [True, False])
@pytest.mark.parametrize("logit", [-4.0, -0.5, 1.5])
def test_slopes_are_those_of_the_losses(gamma: float, clicked: bool, logit: float) -> None:
    learning = Learning(gamma=gamma, positive=3.0, negative=0.5)

    def loss(x: float) -> float:
        right = 1 / (1 + math.exp(-x)) if clicked else 1 / (1 + math.exp(x))
        return -(3.0 if clicked else 0.5) * (1 - right) ** gamma * math.log(right)

    slope = (loss(logit + 1e-5) - loss(logit - 1e-5)) / 2e-5
    assert loss_slope(1 / (1 + math.exp(-logit)), clicked, learning) == pytest.approx(slope, rel=1e-6)


def test_weights_and_focus_reach_the_learner() -> None:
    slots, clicked = np.zeros((200, 1), np.int32), np.arange(200) % 20 == 0

    def learnt(learning: Learning) -> float:
        weights = Weights.fresh(learning, 4)
        learn_rates(weights, slots, clicked, learning)
        return float(expected_rates(weights, slots[:1], learning)[0])

    plain = learnt(Learning(alpha=0.5))
    assert learnt(Learning(alpha=0.5, positive=10.0)) > 2 * plain
    assert learnt(Learning(alpha=0.5, gamma=2.0)) > plain
