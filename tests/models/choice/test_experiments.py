"""Users over the arms of an experiment: by share, for good, and apart from other experiments."""

from __future__ import annotations

from collections import Counter

import pytest

from models.campaigns import Experiment, ExperimentArm
from models.choice.experiments import arm_of

USERS = [f"u{n}" for n in range(4_000)]


def experiment(salt: str, **shares: float) -> Experiment:
    return Experiment("e", salt, tuple(ExperimentArm(name, share) for name, share in shares.items()), 0, 1)


def test_each_arm_gets_its_share_and_the_rest_is_in_none() -> None:
    counts = Counter(arm_of(experiment("salt", a=0.5, b=0.3), user) for user in USERS)
    shares = {arm: count / len(USERS) for arm, count in counts.items()}
    assert shares == pytest.approx({"a": 0.5, "b": 0.3, None: 0.2}, abs=0.03)


def test_a_user_keeps_the_arm_and_another_salt_divides_anew() -> None:
    arms = [arm_of(experiment("one", a=0.5, b=0.5), user) for user in USERS]
    assert arms == [arm_of(experiment("one", a=0.5, b=0.5), user) for user in USERS]
    other = [arm_of(experiment("two", a=0.5, b=0.5), user) for user in USERS]
    same = sum(a == b for a, b in zip(arms, other, strict=True)) / len(USERS)
    assert same == pytest.approx(0.5, abs=0.05)
