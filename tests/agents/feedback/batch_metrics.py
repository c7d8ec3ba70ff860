"""What the published metric of a cell must say, given the sums of a batch computation."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import pytest

from streams import records as r
from tests.agents.feedback.outcome_log import COUNTS

SHOWN = (
    "impressions", "clicks", "starts", "first_quartiles", "midpoints", "third_quartiles", "completions",
)  # fmt: skip


def check_metric(
    place: tuple[Any, ...], sums: Mapping[str, int], metric: r.CreativeMetric, k: int = 0
) -> None:
    """`place`: campaign, template, arm, slot, segment, size, start."""
    where = (metric.campaign_id, metric.template_id, metric.arm, metric.slot, metric.segment)
    assert (*where, metric.window_s, metric.window) == place
    assert metric.k == k
    few = sums["users"] < k and any(sums[name] for name in SHOWN)
    assert metric.suppressed == few, place
    if few:
        assert metric.counts == r.MetricCounts() and metric.money == r.MetricMoney()
        assert metric.rates == r.MetricRates() and metric.quality == r.MetricQuality()
        return
    assert {name: getattr(metric.counts, name) for name in COUNTS} == {name: sums[name] for name in COUNTS}, (
        place
    )
    assert metric.counts.users == sums["users"], place
    _check_money(sums, metric)
    assert metric.generation.by_status == ({"model": sums["model"]} if sums["model"] else {})
    assert (metric.generation.cpu_ms or 0) == sums["cpu_us"] / 1_000
    rates = metric.rates
    assert (rates.ctr, rates.ctr_lo, rates.ctr_hi) == share(sums["clicks"], sums["impressions"])
    assert (rates.cvr, rates.cvr_lo, rates.cvr_hi) == share(sums["conversions"], sums["clicks"])
    assert (rates.vcr, rates.vcr_lo, rates.vcr_hi) == share(sums["completions"], sums["starts"])
    if sums["impressions"]:
        assert rates.ctr_by_showing == [
            share(min(sums[f"clicked:{n}"], sums[f"shown:{n}"]), sums[f"shown:{n}"])[0] for n in range(8)
        ]


def _check_money(sums: Mapping[str, int], metric: r.CreativeMetric) -> None:
    earned, paid = (
        {name.removeprefix(kind): n for name, n in sums.items() if name.startswith(kind) and n}
        for kind in ("value:", "cost:")
    )
    assert (metric.money.revenue_minor, metric.money.cost_minor) == (earned, paid)
    assert metric.money.roas == {
        currency: pytest.approx(earned.get(currency, 0) / cost, abs=1e-6) for currency, cost in paid.items()
    }


def share(successes: int, trials: int) -> tuple[Any, Any, Any]:
    """A share and its Wilson interval by hand, None of no trials."""
    if trials <= 0:
        return None, None, None
    z = 1.959963984540054
    p = min(successes, trials) / trials
    middle = (p + z * z / 2 / trials) / (1 + z * z / trials)
    spread = z * sqrt(p * (1 - p) / trials + z * z / 4 / trials / trials) / (1 + z * z / trials)
    return tuple(pytest.approx(each, abs=2e-6) for each in (p, middle - spread, middle + spread))  # type: ignore[return-value]
