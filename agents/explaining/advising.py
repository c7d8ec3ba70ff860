"""A campaign's metrics from the topic, as the rules of models/advice want them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from models.advice.cells import CampaignCell
from models.advice.rules import Advised, advise
from models.intent.understanding import understanding_words
from models.measured.rates import wilson
from streams.broker.follow import read_topics
from streams.mapping.campaigns import goal_of
from streams.records import Campaign, CreativeMetric
from streams.records.feedback import EVERY
from streams.settings import Settings
from streams.topics import CAMPAIGN, CREATIVE_METRIC, HOUR_MS

HOUR_S: Final = 3_600
LIFE_S: Final = 0
_metric = msgspec.json.Decoder(CreativeMetric)
_campaign = msgspec.json.Decoder(Campaign)


@dataclass
class CampaignMetrics:
    """The newest metric of every key of one campaign, and which campaigns there are."""

    metrics: dict[bytes, CreativeMetric] = field(default_factory=dict)
    campaigns: set[str] = field(default_factory=set)
    goal: str = ""  # in words; "" where the campaign is not on its topic

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
        told = [each for each in self.metrics.values() if not each.suppressed and each.arm != EVERY]
        life = [advised_cell(each) for each in told if each.window_s == LIFE_S]
        return advise(life, [advised_cell(each) for each in told if each.window_s == HOUR_S])


async def read_metrics(settings: Settings, campaign_id: str) -> CampaignMetrics:
    """Of one campaign. Raises RefusedError for a missing topic."""
    found = CampaignMetrics()
    async for raw in read_topics(settings, [CREATIVE_METRIC.name]):
        found.take(campaign_id, raw.key or b"", raw.value)
    async for raw in read_topics(settings, [CAMPAIGN.name]):
        if raw.key == campaign_id.encode():
            found.goal = goal_words(raw.value)
    return found


def goal_words(campaign: bytes | None) -> str:
    """What the newest version of a campaign is for, and how that is known; "" of one that cannot be read."""
    try:
        return "" if campaign is None else understanding_words(goal_of(_campaign.decode(campaign)))
    except msgspec.MsgspecError:
        return ""


def advised_cell(metric: CreativeMetric) -> CampaignCell:
    """Counts of one cell and window."""
    counts = metric.counts
    return CampaignCell(
        template_id=metric.template_id,
        arm=metric.arm,
        slot=metric.slot,
        segment=metric.segment,
        impressions=counts.impressions,
        clicks=counts.clicks,
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
    advised = found.advised()
    low, high = wilson(advised.total.clicks, advised.total.impressions)
    return {
        "campaign_id": campaign_id, "goal": found.goal, "suppressed": found.suppressed,
        "impressions": advised.total.impressions, "clicks": advised.total.clicks, "ctr": advised.total.rate,
        "ctr_lo": low, "ctr_hi": high, "missing_impressions": advised.missing, "advice": list(advised.advice),
    }  # fmt: skip
