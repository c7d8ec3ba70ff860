"""Which arm of an experiment a user is in: a function of the experiment's salt and the user alone; and what
the arm's treatment makes of a campaign."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import Final

from xxhash import xxh3_64_intdigest

from models.brief.brief import STYLES
from models.campaigns import Campaign, Experiment, ExperimentArm, Treatment
from models.choice.selection import style_of

AS_THE_CAMPAIGN_SAYS: Final = Treatment()


def arm_of(experiment: Experiment, user: str) -> str | None:
    """Arm id; None for users in no arm (the shares add up to less than 1) and for an experiment without
    arms."""
    arm = _drawn_arm(experiment, user)
    return None if arm is None else arm.id


def treatment_at(campaign: Campaign, user: str, at_ms: int) -> Treatment:
    """What the user gets of the campaign at that time."""
    experiment = campaign.experiment
    if experiment is None or not experiment.running(at_ms):
        return AS_THE_CAMPAIGN_SAYS
    arm = _drawn_arm(experiment, user)
    return AS_THE_CAMPAIGN_SAYS if arm is None else arm.treatment


def is_outside(treatment: Treatment, template_id: str, arm: str, personal: bool) -> bool:
    """Whether users with a treatment are not to see a creative: one of their own in a holdout, one of a style
    or template that is not theirs. `arm`: style and template, as drawn."""
    if treatment.holdout:
        return personal
    style = style_of(arm)
    other_style = bool(treatment.styles) and style in STYLES and style not in treatment.styles
    return other_style or (bool(treatment.template_ids) and template_id not in treatment.template_ids)


def narrows(experiment: Experiment) -> bool:
    """Whether users of an arm are not to see all of the campaign's creatives."""
    treatments = (arm.treatment for arm in experiment.arms)
    return any(each.holdout or each.styles or each.template_ids for each in treatments)


def threshold_in(experiment: Experiment, user: str) -> float | None:
    """Threshold of the trigger of a user's arm; None = as everyone's."""
    arm = _drawn_arm(experiment, user)
    return None if arm is None else arm.treatment.threshold


def treated(campaign: Campaign, treatment: Treatment) -> Campaign:
    """The campaign as the users of an arm see it."""
    return replace(
        campaign,
        styles=treatment.styles or campaign.styles,
        drawn_template_ids=treatment.template_ids or campaign.drawn_template_ids,
    )


def _drawn_arm(experiment: Experiment, user: str) -> ExperimentArm | None:
    draw = xxh3_64_intdigest(f"{experiment.salt}\x1f{user}".encode()) / 2**64
    for arm, edge in zip(experiment.arms, accumulate(arm.share for arm in experiment.arms), strict=True):
        if draw < edge:
            return arm
    return None
