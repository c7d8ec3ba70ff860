"""A campaign's metrics from the topic, as the rules of models/advice want them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec

from agents.explaining.sums import money_words
from models.advice.cells import CampaignCell, summed_counts
from models.advice.rules import Advised, advise
from models.intent.understanding import USUAL_GOAL, Understanding, understanding_words
from models.measured.rates import wilson
from streams.broker.read_once import read_topics
from streams.mapping.campaigns import goal_of
from streams.records import Campaign, CreativeMetric
from streams.records.feedback import EVERY
from streams.settings import Settings
from streams.topics import CAMPAIGN, CREATIVE_METRIC, HOUR_MS

HOUR_S: Final = 3_600
LIFE_S: Final = 0
_metric = msgspec.json.Decoder(CreativeMetric)
_campaign = msgspec.json.Decoder(Campaign)


class CampaignFigures(NamedTuple):
    """Absolute counts, and minor units per currency."""

    impressions: int
    clicks: int
    conversions: int
    hides: int
    reports: int
    revenue_minor: dict[str, int]


@dataclass
class CampaignMetrics:
    """The newest metric of every key of one campaign, and which campaigns there are."""

    metrics: dict[bytes, CreativeMetric] = field(default_factory=dict)
    campaigns: set[str] = field(default_factory=set)
    goal: Understanding | None = None  # None where the campaign is not on its topic

    def take(self, campaign_id: str, key: bytes, value: bytes | None) -> None:
        """One record of the topic; a null takes its key back. One that cannot be read is passed over."""
        of = key.partition(b"|")[0].decode(errors="replace")
        if value is not None:
            self.campaigns.add(of)
        if of != campaign_id:
            return
        self.metrics.pop(key, None)
        if value is not None:
            try:
                self.metrics[key] = _metric.decode(value)
            except msgspec.MsgspecError:
                return

    @property
    def suppressed(self) -> int:
        """Cells with too few users to be told."""
        return sum(each.suppressed for each in self.metrics.values())

    def advised(self) -> Advised:
        """What the rules say."""
        goal = USUAL_GOAL if self.goal is None else self.goal.goal
        life, hours = ([advised_cell(each, goal) for each in self.told(size)] for size in (LIFE_S, HOUR_S))
        return advise(life, hours)

    def told(self, window_s: int) -> list[CreativeMetric]:
        """Cells of windows of one size that may be told; not the campaign's own."""
        every = self.metrics.values()
        return [
            each for each in every if not each.suppressed and each.arm != EVERY and each.window_s == window_s
        ]

    def figures(self) -> CampaignFigures:
        """Over the campaign's life, in sum."""
        counts, money = (
            [each.counts for each in self.told(LIFE_S)],
            [each.money for each in self.told(LIFE_S)],
        )
        return CampaignFigures(
            sum(each.impressions for each in counts),
            sum(each.clicks for each in counts),
            sum(each.conversions for each in counts),
            sum(each.hides for each in counts),
            sum(each.reports for each in counts),
            summed_counts(each.revenue_minor for each in money),
        )


async def read_metrics(settings: Settings, campaign_id: str) -> CampaignMetrics:
    """Of one campaign. Raises RefusedError for a missing topic."""
    found = CampaignMetrics()
    async for raw in read_topics(settings, [CREATIVE_METRIC.name]):
        found.take(campaign_id, raw.key or b"", raw.value)
    async for raw in read_topics(settings, [CAMPAIGN.name]):
        if raw.key == campaign_id.encode():
            found.goal = goal_told(raw.value)
    return found


def goal_told(campaign: bytes | None) -> Understanding | None:
    """What a campaign is for, and how that is known; None of a version that cannot be read."""
    try:
        return None if campaign is None else goal_of(_campaign.decode(campaign))
    except msgspec.MsgspecError:
        return None


def advised_cell(metric: CreativeMetric, goal: str) -> CampaignCell:
    """Counts of one cell and window."""
    counts = metric.counts
    return CampaignCell(
        template_id=metric.template_id,
        arm=metric.arm,
        slot=metric.slot,
        segment=metric.segment,
        impressions=counts.impressions,
        clicks=counts.clicks,
        conversions=counts.conversions,
        viewable=counts.viewable,
        against=min(max(counts.hides, counts.reports), counts.impressions),  # one may be both
        goal=goal,
        hour=metric.window // HOUR_MS % 24 if metric.window_s == HOUR_S else None,
        by_showing=tuple(zip(counts.clicked_by_showing, counts.by_showing, strict=False)),
        endings=dict(metric.generation.by_status),
        refusals=dict(metric.generation.review),
        played=(
            counts.starts, counts.first_quartiles, counts.midpoints, counts.third_quartiles,
            counts.completions,
        ),
    )  # fmt: skip


def told_advice(campaign_id: str, found: CampaignMetrics) -> dict[str, Any]:
    """Figures and advice of a campaign, for machines and the page."""
    advised, figures = found.advised(), found.figures()
    low, high = wilson(figures.clicks, figures.impressions)
    cvr_lo, cvr_hi = wilson(figures.conversions, figures.clicks)
    return {
        "campaign_id": campaign_id, "goal": "" if found.goal is None else understanding_words(found.goal),
        "suppressed": found.suppressed, **figures._asdict(),
        "ctr": figures.clicks / figures.impressions if figures.impressions else 0.0,
        "ctr_lo": low, "ctr_hi": high,
        "cvr": figures.conversions / figures.clicks if figures.clicks else None,
        "cvr_lo": cvr_lo, "cvr_hi": cvr_hi, "revenue": money_words(figures.revenue_minor),
        "missing_impressions": advised.missing, "advice": list(advised.advice),
    }  # fmt: skip
