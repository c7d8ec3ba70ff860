"""What campaigns and their arms earned over their life, for the operators of the page: the last value of each
cell on ads.creative.metric.v1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from agents.feedback.cells import Cell
from agents.feedback.metric import metric_of
from models.earned.counters import COUNTER_FIELDS
from models.measured.totals import Totals
from models.money import EXPONENTS, currency_index
from streams.records import CreativeMetric, Record
from streams.records.feedback import EVERY
from streams.topics import TopicSpec
from streams.wire.codecs import Headers

SHOWN: Final = 30
"""Campaigns, those with most impressions first."""
MOST_CELLS: Final = 50_000
"""Cells kept, at about 1 KB each; what comes beyond is counted and said."""
_LIFE: Final = b"|0:0"
"""What the key of a cell over a campaign's life ends in (agents.feedback.cells.Cell.key)."""


class EarningsBoard:
    """Takes what a Follower of ads.creative.metric.v1 brings."""

    def __init__(self) -> None:
        self._cells: defaultdict[str, dict[str, CreativeMetric]] = defaultdict(dict)
        self._kept = 0
        self._beyond: set[str] = set()

    def wants(self, _spec: TopicSpec, key: bytes | None) -> bool:
        """Whole lives alone are decoded."""
        return (key or b"").endswith(_LIFE)

    def on_record(
        self, _spec: TopicSpec, key: str, record: Record | None, _headers: Headers, _append_ts: int
    ) -> None:
        """A null takes a cell back."""
        cells = self._cells[key.partition("|")[0]]
        if not isinstance(record, CreativeMetric):
            self._kept -= cells.pop(key, None) is not None
        elif key in cells or self._kept < MOST_CELLS:
            self._kept += key not in cells
            cells[key] = record
        else:
            self._beyond.add(key)

    def told(self) -> dict[str, Any]:
        """Campaigns with their arms; how many cells had no room here. Nothing about a user."""
        wholes = ((name, _whole(cells)) for name, cells in self._cells.items())
        most = sorted(wholes, key=lambda each: (-each[1].counts.impressions, each[0]))
        return {
            "campaigns": [
                {"campaign_id": name, **_figures(whole), "arms": _arms(self._cells[name])}
                for name, whole in most[:SHOWN]
                if self._cells[name]
            ],
            "others": max(0, len(most) - SHOWN),
            "cells_left_out": len(self._beyond),
        }


def _whole(cells: Mapping[str, CreativeMetric]) -> CreativeMetric:
    """The campaign's own cell, which no sum over cells replaces: a user who saw two counts once."""
    own = next((each for each in cells.values() if each.arm == EVERY), None)
    return own or _summed(Cell("", EVERY, EVERY, EVERY, EVERY, 0, 0), cells.values())


def _arms(cells: Mapping[str, CreativeMetric]) -> list[dict[str, Any]]:
    """An arm's cells together, over slots, templates and segments; those with most impressions first."""
    by_arm: defaultdict[str, list[CreativeMetric]] = defaultdict(list)
    for each in cells.values():
        if each.arm != EVERY:
            by_arm[each.arm].append(each)
    found = [
        {"arm": arm, **_figures(_summed(Cell(some[0].campaign_id, EVERY, arm, EVERY, EVERY, 0, 0), some))}
        | {"suppressed_cells": sum(each.suppressed for each in some)}
        for arm, some in by_arm.items()
    ]
    return sorted(found, key=lambda each: (-each["impressions"], each["arm"]))


def _summed(cell: Cell, metrics: Any) -> CreativeMetric:
    total = Totals()
    for each in metrics:
        total.add(_totals_of(each))
    return metric_of(cell, total, 0)


def _totals_of(metric: CreativeMetric) -> Totals:
    counts, none = metric.counts, Totals()
    return Totals(
        counts=[getattr(counts, name) for name in COUNTER_FIELDS],
        shown=list(counts.by_showing) or none.shown,
        clicked=list(counts.clicked_by_showing) or none.clicked,
        value=dict(metric.money.revenue_minor),
        cost=dict(metric.money.cost_minor),
    )


def _figures(metric: CreativeMetric) -> dict[str, Any]:
    counts, rates, money = metric.counts, metric.rates, metric.money
    return {
        "impressions": counts.impressions,
        "clicks": counts.clicks,
        "ctr": rates.ctr,
        "ctr_lo": rates.ctr_lo,
        "ctr_hi": rates.ctr_hi,
        "conversions": counts.conversions,
        "revenue": _major(money.revenue_minor),
        "cost": _major(money.cost_minor),
        "starts": counts.starts,
        "completions": counts.completions,
        "vcr": rates.vcr,
        "vcr_lo": rates.vcr_lo,
        "vcr_hi": rates.vcr_hi,
        "satisfaction": rates.satisfaction,
        "fatigue_p": rates.fatigue_p,
        "suppressed": metric.suppressed,
    }


def _major(minor: Mapping[str, int]) -> dict[str, str]:
    """By currency, in its major unit with its own number of decimals."""
    return {
        currency: f"{amount / 10**places:,.{places}f}"
        for currency, amount in sorted(minor.items())
        for places in [EXPONENTS[currency_index(currency)]]
        if amount
    }
