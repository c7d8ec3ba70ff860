"""Totals of a cell and window as they are published. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agents.feedback.cells import Cell
from models.choice.selection import style_of
from models.earned.counters import COUNTER_FIELDS
from models.measured.latency import latency_quantile
from models.measured.making import NOVELTY_UNIT, Making
from models.measured.rates import evenness, falling_p, wilson
from models.measured.sketch import seen_about
from models.measured.totals import Totals
from streams import records as r

_DIGITS: Final = 6
_VCR: Final = ("vcr", "vcr_lo", "vcr_hi")
SHOWN: Final = (
    "impressions", "clicks", "starts", "first_quartiles", "midpoints", "third_quartiles", "completions",
)  # fmt: skip
"""What tells of users who were shown something; in a window of its own it may stand without its
impression."""


def metric_of(cell: Cell, totals: Totals, k: int) -> r.CreativeMetric:
    """The record of a cell; one that fewer than `k` users saw says nothing but that."""
    names = (
        cell.campaign_id,
        cell.template_id,
        cell.arm,
        cell.slot,
        cell.segment,
        cell.window,
        cell.window_s,
    )
    users = max(0, totals.users)
    if users < k and any(totals.count(name) for name in SHOWN):
        return r.CreativeMetric(*names, counts=r.MetricCounts(), k=k, suppressed=True)
    return r.CreativeMetric(
        *names,
        counts=_counts(totals, users),
        rates=_rates(totals),
        money=r.MetricMoney(dict(totals.value), dict(totals.cost), _roas(totals.value, totals.cost)),
        quality=_quality(totals),
        generation=_generation(totals.making or Making()),
        k=k,
    )


def _counts(totals: Totals, users: int) -> r.MetricCounts:
    return r.MetricCounts(
        **{name: max(0, totals.count(name)) for name in COUNTER_FIELDS},
        users=users,
        by_showing=list(totals.shown),
        clicked_by_showing=list(totals.clicked),
    )


def _rates(totals: Totals) -> r.MetricRates:
    clicks = totals.count("clicks")
    likes, against = totals.count("likes"), totals.count("hides") + totals.count("reports")
    fatigue = falling_p(totals.clicked, totals.shown)
    return r.MetricRates(
        *_interval(clicks, totals.count("impressions")),
        *_interval(totals.count("conversions"), clicks),
        ctr_by_showing=[
            None if shown <= 0 else round(min(clicked, shown) / shown, _DIGITS)
            for clicked, shown in zip(totals.clicked, totals.shown, strict=True)
        ],
        fatigue_p=None if fatigue is None else round(fatigue, _DIGITS),
        satisfaction=round((likes - against) / (likes + against), _DIGITS) if likes + against > 0 else None,
        **dict(zip(_VCR, _interval(totals.count("completions"), totals.count("starts")), strict=True)),
    )


def _interval(successes: int, trials: int) -> tuple[float | None, float | None, float | None]:
    """A share and where it lies; None of no trials."""
    if trials <= 0:
        return None, None, None
    share, (low, high) = min(successes / trials, 1.0), wilson(successes, trials)
    return round(share, _DIGITS), round(low, _DIGITS), round(high, _DIGITS)


def _roas(value: Mapping[str, int], cost: Mapping[str, int]) -> dict[str, float]:
    """Revenue over cost, of each currency in which something was paid."""
    return {c: round(value.get(c, 0) / paid, _DIGITS) for c, paid in cost.items() if paid > 0}


def _quality(totals: Totals) -> r.MetricQuality:
    made, impressions = totals.making or Making(), totals.count("impressions")
    styles: dict[str, int] = {}
    for arm, shown in totals.arms.items():
        styles[style_of(arm)] = styles.get(style_of(arm), 0) + shown
    arms, points = evenness(totals.arms.values()), evenness(styles.values())
    seen = seen_about(int(made.sketch, 16)) if made.sketch else 0.0
    return r.MetricQuality(
        novelty=round(made.novelty / made.novelties / NOVELTY_UNIT, 4) if made.novelties else None,
        distinct=round(min(seen / made.bigrams, 1.0), 4) if made.bigrams else None,
        arm_entropy=None if arms is None else round(arms, 4),
        style_entropy=None if points is None else round(points, 4),
        repeat_share=round(1 - totals.shown[0] / impressions, 4) if impressions > 0 else None,
    )


def _generation(made: Making) -> r.MetricGeneration:
    if not made.by_status and not made.creatives:
        return r.MetricGeneration()
    return r.MetricGeneration(
        by_status=dict(made.by_status),
        review=dict(made.review),
        creatives=made.creatives,
        queue_p50_ms=_ms(made.queue_bins, 0.5),
        total_p50_ms=_ms(made.total_bins, 0.5),
        total_p95_ms=_ms(made.total_bins, 0.95),
        cpu_ms=made.cpu_us / 1_000 if made.by_status else None,
    )


def _ms(bins: list[int], share: float) -> float | None:
    found = latency_quantile(bins, share)
    return None if found is None else round(found, 1)
