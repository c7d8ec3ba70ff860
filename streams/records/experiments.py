"""Experiments as they began and ended."""

from __future__ import annotations

from streams.records.base import Count, Id, Ms, Name, Record, Share
from streams.records.campaigns import CampaignId, Experiment


class ArmResult(Record):
    """One arm: users who entered, what they did, its metrics (money in minor units); None = nothing to divide
    by. `outside`: impressions of creatives that are not the arm's, among all."""

    arm: Id
    users: Count
    impressions: Count
    clicks: Count
    conversions: Count
    revenue_minor: int
    ctr: float | None = None
    cvr: float | None = None
    revenue_per_user: float | None = None
    outside: Count = 0


class ArmEffect(Record):
    """A metric (ctr | cvr | revenue_per_user) of an arm less that of the control, and relative to it, with
    intervals that hold at every look; None = too few users."""

    arm: Id
    metric: Name
    difference: float | None = None
    lo: float | None = None
    hi: float | None = None
    lift: float | None = None
    lift_lo: float | None = None
    lift_hi: float | None = None
    p: float | None = None
    saved: float | None = None  # share of the variance that the users' past explained


class ExperimentResult(Record):
    """What the exposures settled by `ts` show. `mixed`: users seen in two arms, who count in none."""

    ts: Ms
    arms: list[ArmResult]
    effects: list[ArmEffect]
    sample_ratio_p: Share
    mixed: Count = 0
    currency: Name | None = None  # of the money


class ExperimentRecord(Record):
    """`experiment`: as it began, its end the real one; status running | finished. `result`: the newest that
    was looked at."""

    experiment_id: Id
    campaign_id: CampaignId
    experiment: Experiment
    status: Name
    by: Name | None = None
    result: ExperimentResult | None = None
