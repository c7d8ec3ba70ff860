"""Users over the arms of an experiment: by share, for good, and apart from other experiments."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from models.campaigns import Campaign, Experiment, ExperimentArm, Treatment
from models.choice.experiments import AS_THE_CAMPAIGN_SAYS, arm_of, is_outside, treated, treatment_at

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


HELD_OUT = Treatment(holdout=True)
TRIAL = Experiment("e", "s", (ExperimentArm("usual", 0.5), ExperimentArm("none", 0.3, HELD_OUT)), 100, 200)
CAMPAIGN = Campaign("c1", 1, "active", "Brand", styles=("direct",), experiment=TRIAL)


def test_a_treatment_is_given_to_the_users_of_its_arm_while_the_experiment_runs() -> None:
    for user in USERS[:200]:
        arm = arm_of(TRIAL, user)
        assert treatment_at(CAMPAIGN, user, 150) == (HELD_OUT if arm == "none" else AS_THE_CAMPAIGN_SAYS)
        for outside in (99, 200):
            assert treatment_at(CAMPAIGN, user, outside) == AS_THE_CAMPAIGN_SAYS
    without = replace(CAMPAIGN, experiment=None)
    assert treatment_at(without, "u1", 150) == AS_THE_CAMPAIGN_SAYS


@pytest.mark.parametrize(
    ("treatment", "template_id", "arm", "own", "shared"),
    [
        (Treatment(holdout=True), "t1", "scene.t1", True, False),
        (Treatment(template_ids=("t1",)), "t1", "scene.t1", False, False),
        (Treatment(template_ids=("t2",)), "t1", "scene.t1", True, True),
        (Treatment(styles=("scene",)), "t1", "scene.t1", False, False),
        (Treatment(styles=("direct",)), "t1", "scene.t1", True, True),
        (Treatment(styles=("direct",)), "t1", "template.t1", False, False),
        (Treatment(policy="uniform"), "t1", "scene.t1", False, False),
    ],
)
def test_what_an_arm_is_not_to_see(
    treatment: Treatment, template_id: str, arm: str, own: bool, shared: bool
) -> None:
    assert is_outside(treatment, template_id, arm, personal=True) is own
    assert is_outside(treatment, template_id, arm, personal=False) is shared


def test_a_treatment_narrows_what_is_drawn_and_says_nothing_of_the_rest() -> None:
    narrowed = treated(CAMPAIGN, Treatment(styles=("story",), template_ids=("t2",)))
    assert (narrowed.styles, narrowed.drawn_template_ids) == (("story",), ("t2",))
    assert treated(CAMPAIGN, Treatment(policy="uniform")) == CAMPAIGN
