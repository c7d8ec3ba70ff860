"""What users are not to see while an experiment runs on its campaign: creatives of their own in a holdout,
those of another arm's styles and templates."""

from __future__ import annotations

from typing import Final, NamedTuple

from agents.profiles.work import Work
from models.choice.experiments import is_outside, narrows, treatment_at
from streams import records as r
from streams.columns.names import NONE

EXPERIMENT_CAUSE: Final = "experiment"
"""Cause of their tombstones."""


class Drawn(NamedTuple):
    """What a creative was made of, `arm`: style and template."""

    campaign_id: str
    template_id: str
    arm: str


def names_of(creative: r.Creative) -> Drawn:
    """What a creative that arrives was made of."""
    experiment = creative.experiment
    return Drawn(creative.campaign_id, creative.template_id, experiment.arm if experiment else NONE)


def is_of_another_arm(user: bytes, of: Drawn, now_ms: int, work: Work) -> bool:
    """Whether a user's own creative is not what his arm of the campaign's experiment gets at that time."""
    campaign = work.ref.campaigns.get(of.campaign_id)
    if campaign is None or campaign.experiment is None or not campaign.experiment.running(now_ms):
        return False
    treatment = treatment_at(campaign, user.decode(), now_ms)
    return is_outside(treatment, of.template_id, of.arm, personal=True)


def narrowing(work: Work, now_ms: int) -> frozenset[str]:
    """Ids of experiments that run and narrow what some users see."""
    stated = (each.experiment for each in work.ref.campaigns.values())
    running = (each for each in stated if each is not None and each.running(now_ms))
    return frozenset(each.id for each in running if narrows(each))
