from __future__ import annotations

import pytest

from models.choice.selection import Posterior, choose_arm
from models.choice.style_prior import LIFT, style_factors

ARMS = (("direct", "t1"), ("scene", "t1"))
NAMES = ("direct.t1", "scene.t1")


def test_what_suits_the_goal_starts_higher_and_a_visit_may_begin_with_anything() -> None:
    assert style_factors("clicks", ARMS) == ()
    assert style_factors("awareness", ARMS) == (1.0, LIFT)
    assert style_factors("conversions", ARMS) == (LIFT, 1.0)
    assert style_factors("conversions", ARMS[:1]) == (), "nothing to compare with"


def test_what_is_known_otherwise_is_kept() -> None:
    assert style_factors("clicks", ARMS, (2.0, 0.5)) == (2.0, 0.5)
    assert style_factors("awareness", ARMS, (2.0, 0.5)) == pytest.approx((2.0, 0.5 * LIFT))


def test_arms_of_their_own_overrule_it() -> None:
    def share(known: dict[str, Posterior]) -> float:
        factors = style_factors("awareness", ARMS)
        drawn = [choose_arm(known, NAMES, n, "c|s", 0.5, factors).index for n in range(400)]
        return sum(index == 1 for index in drawn) / len(drawn)

    assert share({}) > 0.6
    assert share({"direct.t1": Posterior(700, 300), "scene.t1": Posterior(400, 600)}) < 0.1
