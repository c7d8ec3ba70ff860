"""What readers did with two copies for one lamp, and a short plan to learn from it."""

from __future__ import annotations

from dataclasses import replace

from models.brief.brief import Brief, Copy
from models.preference.log import LoggedCopy
from models.training.loop import TrainingPlan

PLAN = TrainingPlan(6, 1e-3, evaluate_every=3, patience=3, checkpoint_every=2)
BRIEF = Brief("rq", "c", "native", "Northfold", "Oak Desk Lamp", "lamp", price_minor=4900)
LIKED, PASSED = (
    Copy("Meet the lamp", "The lamp for the hall.", "See more"),
    Copy("Why not a lamp?", "The lamp. Simple as that.", "See more"),
)


def shown(copy: Copy, clicked: bool, propensity: float = 0.5, campaign: str = "c") -> LoggedCopy:
    return shown_as(replace(BRIEF, campaign_id=campaign), copy, clicked, propensity)


def shown_as(brief: Brief, copy: Copy, clicked: bool, propensity: float = 0.5) -> LoggedCopy:
    return LoggedCopy(
        creative_id=f"{brief.campaign_id}{copy.headline}",
        brief=brief,
        copy=copy,
        arm="direct",
        propensity=propensity,
        shown=True,
        clicked=clicked,
    )
