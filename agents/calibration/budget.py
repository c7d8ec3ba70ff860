"""The budget of generations at work: what the catalogue worker publishes so that the wanted share of positive
events makes a request.

Everything a step stands on is in the artefact itself (the counts when the threshold was set, and when that
was), so the next owner of the work goes on where the last one stopped.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from models.catalog.version import Catalog
from models.interest.threshold.budget import TriggerTotals, is_enough, next_threshold
from streams.artifacts.detector import BY_BUDGET, BY_NOBODY, DetectorPart, ThresholdOrigin
from streams.metrics.inputs import GENERATIONS_SEEN, GENERATIONS_WANTED, THRESHOLD

EVERY_MS: Final = 600_000
"""Between two steps: every worker rebuilds what it holds of the catalogue after one."""


def budget_step(
    catalog: Catalog,
    part: DetectorPart | None,
    totals: TriggerTotals,
    wanted_per_1000: float,
    now_ms: int,
) -> DetectorPart | None:
    """Detector settings to publish now, or None. `part`: those that are published for `catalog`; `totals`: of
    all lanes; 0 wanted = there is no budget, and one that was withdrawn leaves its threshold to whoever sets
    it next."""
    held = part is not None and part.origin.source == BY_BUDGET
    if wanted_per_1000 == 0:
        return replace(part, origin=ThresholdOrigin(BY_NOBODY)) if part is not None and held else None
    begun = ThresholdOrigin(BY_BUDGET, wanted_per_1000, None, now_ms, totals)
    if part is None:
        return DetectorPart(catalog.detector, catalog.pi, catalog.kernel, begun)
    seen = totals.since(part.origin.totals)
    if not held or part.origin.wanted_per_1000 != wanted_per_1000 or seen is None:
        return replace(part, origin=begun)
    if 0 <= now_ms - part.origin.since_ms < EVERY_MS or not is_enough(seen, wanted_per_1000):
        return None
    threshold = next_threshold(part.settings.threshold, seen, wanted_per_1000)
    return replace(
        part,
        settings=part.settings._replace(threshold=threshold),
        origin=replace(begun, seen_per_1000=round(seen.per_1000, 3)),
    )


def show_threshold(catalog: Catalog | None, part: DetectorPart | None) -> None:
    """Tell whoever scrapes the worker."""
    origin = ThresholdOrigin() if part is None else part.origin
    THRESHOLD.clear()
    if catalog is not None:
        THRESHOLD.labels(origin.source).set(catalog.detector.threshold)
    GENERATIONS_WANTED.set(origin.wanted_per_1000)
    GENERATIONS_SEEN.set(origin.seen_per_1000 or 0.0)
