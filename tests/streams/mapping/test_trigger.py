"""What an operator sets of the trigger holds whatever the artefact says, and nothing else."""

from __future__ import annotations

from models.interest.detector.shift import DetectorSettings
from streams.mapping.trigger import as_operated
from streams.settings import Settings


def test_the_operators_settings_replace_those_of_the_artefact_alone() -> None:
    published = DetectorSettings(threshold=7.5, warm_up=6, cooldown_events=1, confirm_positives=3)
    settings = Settings(cooldown_ms=60_000, cooldown_events=9, confirm_positives=16)
    assert as_operated(published, settings) == published._replace(
        cooldown_ms=60_000, cooldown_events=9, confirm_positives=16
    )
