"""Detector settings of a catalogue version as a record, with who set their threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.catalog.codes import MOST_CODES
from models.inputs.counts import SCORES
from models.inputs.reference import InputReference
from models.interest.detector.shift import DetectorSettings
from models.interest.threshold.budget import TriggerTotals
from streams.artifacts.kinds import DETECTOR, checked_artifact, damage_of, float32_array, float32_text, summed
from streams.records import ArtifactRecord

BY_BUDGET: Final = "generations"
BY_CALIBRATION: Final = "calibration"
BY_NOBODY: Final = "default"
"""Who set the detector's threshold, the first goes before the next: the budget of generations, `shiftcast
calibrate --publish`, nobody (as it came with the catalogue, or as a withdrawn budget left it)."""
SETTINGS: Final = "settings"
_NOTHING_YET: Final = TriggerTotals()


@dataclass(frozen=True)
class ThresholdOrigin:
    """Who set a threshold; of a budget of generations what it wants, what was measured before the last step,
    when that was and how much had been counted then."""

    source: str = BY_NOBODY
    wanted_per_1000: float = 0.0
    seen_per_1000: float | None = None
    since_ms: int = 0
    totals: TriggerTotals = _NOTHING_YET


@dataclass(frozen=True, eq=False)
class DetectorPart:
    """Detector settings of one catalogue version, and who set their threshold."""

    settings: DetectorSettings
    pi: NDArray[np.float32]  # (CODES,)
    kernel: NDArray[np.float32]  # (CODES, CODES)
    origin: ThresholdOrigin = ThresholdOrigin()
    reference: InputReference | None = None  # what the calibration saw; None: nothing was calibrated

    @property
    def calibration(self) -> str:
        """Name of the calibration whose reference is in force, "" none."""
        return "" if self.reference is None else self.reference.name(self.settings)


def detector_record(version: int, part: DetectorPart) -> ArtifactRecord:
    """The record that makes detector settings current for catalogue `version`."""
    data = {
        "settings": part.settings._asdict(),
        "pi": float32_text(part.pi),
        "kernel": float32_text(part.kernel),
        "origin": msgspec.to_builtins(part.origin),
        "reference": None if part.reference is None else part.reference._asdict(),
    }
    return summed(DETECTOR, version, SETTINGS, data)


def detector_part(record: ArtifactRecord) -> DetectorPart:
    """The detector settings of a record. Raises DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        return DetectorPart(
            settings_of(data["settings"]),
            float32_array(data["pi"], (MOST_CODES,)),
            float32_array(data["kernel"], (MOST_CODES, MOST_CODES)),
            msgspec.convert(data.get("origin", {"source": BY_CALIBRATION}), ThresholdOrigin),
            _reference_of(data.get("reference")),
        )


def _reference_of(data: dict[str, list[int]] | None) -> InputReference | None:
    """Builds of before kept none."""
    if data is None:
        return None
    codes, scores = (msgspec.convert(data[name], tuple[int, ...]) for name in InputReference._fields)
    if (len(codes), len(scores)) != (MOST_CODES, SCORES):
        raise ValueError(f"a reference of {len(codes)} codes and {len(scores)} bins of scores")
    return InputReference(codes, scores)


def settings_of(data: dict[str, float]) -> DetectorSettings:
    """JSON says 8.0 of what kernels take as the integer 8."""
    defaults = DetectorSettings()._asdict()
    return DetectorSettings(**{name: type(usual)(data.get(name, usual)) for name, usual in defaults.items()})
