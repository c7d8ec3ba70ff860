"""Every metric, one line each: name, labels, unit and meaning. Served as Prometheus text by each
worker, those of other workers at zero."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from models.event.layout import PLAYED_KINDS
from streams.metrics import (
    catalog,
    click,
    collector,
    creatives,
    earned,
    generation,
    groups,
    inputs,
    lanes,
    lookup,
    pictures,
    pool,
    profiles,
)
from streams.metrics.click import CLICK_EXPOSURES
from streams.metrics.collector import COLLECT_OUTCOMES, COLLECTED
from streams.metrics.earned import CLIP_PLAYS
from streams.metrics.generation import EXEMPT_HEADLINES, GENERATIONS, SHADOW_BRIEFS, SWAPS
from streams.metrics.pool import POOL_FILLED, POOL_LOOKUPS, POOL_RETIRED
from streams.records.results import GENERATION_STATUSES

BEGUN_AT_ZERO: Final = (
    (GENERATIONS, GENERATION_STATUSES),
    (EXEMPT_HEADLINES, ("reused", "template", "shared")),
    (SWAPS, ("switched", "refused")),
    (POOL_LOOKUPS, ("hit", "empty", "cold", "seen", "stale", "refused", "waits")),
    (POOL_FILLED, ("kept", "below_bar", "nothing")),
    (POOL_RETIRED, ("changed", "denied", "expired", "gone")),
    (
        CLICK_EXPOSURES,
        ("learnt", "duplicate", "invalid", "evicted", "purpose", "withdrawn", "unreadable"),
    ),
    (COLLECTED, COLLECT_OUTCOMES),
    (CLIP_PLAYS, tuple(PLAYED_KINDS)),
    (SHADOW_BRIEFS, ("model", "template", "nothing", "failed", "passed_over")),
)
"""Counters whose label values are known. A series that begins with its first increment shows no increase
there, so that an alert on it is silent."""
for _counter, _values in BEGUN_AT_ZERO:
    for _value in _values:
        _counter.labels(_value)

ALL_METRICS: Final = tuple(
    metric
    for room in (
        lanes,
        profiles,
        earned,
        creatives,
        generation,
        pool,
        pictures,
        click,
        lookup,
        collector,
        inputs,
        catalog,
        groups,
    )
    for name, metric in sorted(vars(room).items())
    if name.isupper() and isinstance(metric, Counter | Gauge | Histogram)
)
