"""The trigger's settings that an operator has the say over, whatever the artefact says."""

from __future__ import annotations

from models.interest.detector.shift import DetectorSettings
from streams.settings import Settings


def as_operated(detector: DetectorSettings, settings: Settings) -> DetectorSettings:
    """The cooldown and what a shift waits for are the operator's, everything else comes with the artefact."""
    return detector._replace(
        cooldown_ms=settings.cooldown_ms,
        cooldown_events=settings.cooldown_events,
        confirm_positives=settings.confirm_positives,
    )
