"""Click rates of arms are sums over their cells, never with the campaign's own cell or other windows."""

from __future__ import annotations

from agents.demo.earned import arm_lines, arms_of_metrics
from streams import records as r
from streams.records.feedback import EVERY


def metric(arm: str, shown: int, clicks: int, window_s: int = 0, segment: str = "s1") -> r.CreativeMetric:
    return r.CreativeMetric(
        "c1", "t1", arm, "native", segment, 0, window_s, r.MetricCounts(impressions=shown, clicks=clicks)
    )


def test_arms_are_summed_over_cells_of_the_campaigns_life() -> None:
    metrics = [
        metric("direct.t1", 60, 6),
        metric("direct.t1", 40, 4, segment="s2"),
        metric("direct.t1", 99, 99, window_s=3_600),
        metric(EVERY, 200, 20),
        metric("none", 50, 1),
    ]
    found = arms_of_metrics(metrics, {"c1|direct.t1": {"true_ctr": 0.11}, "c1|offer.t1": {"true_ctr": 0.5}})
    assert found == {
        "c1|direct.t1": {
            "impressions": 100, "clicks": 10, "ctr": 0.1, "lo": 0.05523, "hi": 0.17437, "true_ctr": 0.11,
        }
    }  # fmt: skip
    assert arm_lines(found) == ["c1|direct.t1: 10.0% of 100 impressions (5.5% to 17.4%), truly 11.0%"]
