"""The detector's threshold: who set it, and whether a budget of generations is kept."""

from __future__ import annotations

from agents.checks.finding import CheckFinding
from models.catalog.version import Catalog
from streams.artifacts.detector import BY_BUDGET, BY_NOBODY, DetectorPart, ThresholdOrigin
from streams.settings import Settings

_TWICE = 2.0
_CALIBRATE = (
    "after a week of traffic `shiftcast calibrate --target 5 --publish`, or a budget: "
    "SHIFTCAST_GENERATIONS_PER_1000 at the catalogue worker"
)


def threshold_findings(
    settings: Settings, catalog: Catalog | None, part: DetectorPart | None
) -> list[CheckFinding]:
    """One line; a warning while nobody set it, when the budget of this environment is not the one that is
    kept, or is missed by more than half."""
    if catalog is None:
        return []
    origin = ThresholdOrigin() if part is None else part.origin
    text = f"{catalog.detector.threshold:.2f}, set by {_who(origin)}"
    wanted = settings.generations_per_1000
    if wanted and (origin.source, origin.wanted_per_1000) != (BY_BUDGET, wanted):
        text += f"; this environment wants {wanted:g} requests per 1,000 positive events"
        repair = f"start the catalogue worker with SHIFTCAST_GENERATIONS_PER_1000={wanted:g}"
        return [CheckFinding("warning", "threshold", text, repair)]
    if origin.source == BY_NOBODY:
        return [CheckFinding("warning", "threshold", text, _CALIBRATE)]
    seen = origin.seen_per_1000
    if seen is not None and seen > _TWICE * origin.wanted_per_1000:
        repair = "wait for its next steps; first creatives of new users cannot be held back"
        return [CheckFinding("warning", "threshold", text, repair)]
    return [CheckFinding("ok", "threshold", text)]


def _who(origin: ThresholdOrigin) -> str:
    if origin.source == BY_NOBODY:
        return "nobody: nothing was calibrated on this catalogue version"
    if origin.source != BY_BUDGET:
        return origin.source
    seen = "nothing measured yet" if origin.seen_per_1000 is None else f"{origin.seen_per_1000:.1f} measured"
    return f"the budget of {origin.wanted_per_1000:g} generations per 1,000 positive events ({seen})"
