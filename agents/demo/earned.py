"""Click rate per arm as the metric topic says it, beside what is true in the simulated world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from models.measured.rates import wilson
from streams import records as r
from streams.broker.read_once import read_topics
from streams.records.feedback import EVERY
from streams.settings import Settings
from streams.topics import CREATIVE_METRIC

_MOST_TOLD: Final = 5
_LIFE_S: Final = 0
_metric: Final = msgspec.json.Decoder(r.CreativeMetric)


async def ctr_by_arm(settings: Settings, truth: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """By `campaign|arm` over the campaigns' lives. `truth`: what the crowd knows of the same."""
    newest: dict[bytes, r.CreativeMetric] = {}
    async for record in read_topics(settings, [CREATIVE_METRIC.name]):
        if record.value is not None:
            newest[record.key or b""] = _metric.decode(record.value)
    return arms_of_metrics(newest.values(), truth)


def arms_of_metrics(
    metrics: Iterable[r.CreativeMetric], truth: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Of arms that the crowd was shown: clicks over impressions with their interval, and the true rate."""
    counted: dict[str, tuple[int, int]] = {}
    for each in metrics:
        if each.window_s == _LIFE_S and each.arm != EVERY:
            name = f"{each.campaign_id}|{each.arm}"
            shown, clicks = counted.get(name, (0, 0))
            counted[name] = shown + each.counts.impressions, clicks + each.counts.clicks
    found = {}
    for name, (shown, clicks) in sorted(counted.items()):
        if shown and name in truth:
            low, high = wilson(clicks, shown)
            found[name] = {
                "impressions": shown, "clicks": clicks, "ctr": round(clicks / shown, 5), "lo": round(low, 5),
                "hi": round(high, 5), "true_ctr": truth[name]["true_ctr"],
            }  # fmt: skip
    return found


def arm_lines(by_arm: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The arms shown most, one line each."""
    most = sorted(by_arm.items(), key=lambda pair: -pair[1]["impressions"])[:_MOST_TOLD]
    return [
        f"{name}: {each['ctr']:.1%} of {each['impressions']} impressions ({each['lo']:.1%} to "
        f"{each['hi']:.1%}), truly {each['true_ctr']:.1%}"
        for name, each in most
    ]
