"""What codes and scores were when the detector was calibrated: the detector as it will be, over the log as it
came."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xxhash

from models.inputs.counts import QUALITY, inputs_of
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import CODES, CatalogArrays, empty_profiles
from models.interest.threshold.calibration import NO_BOTS, Log, in_natural_order
from models.interest.update import update_profiles


class InputReference(NamedTuple):
    """Positives per interest code and per bin of the score."""

    codes: tuple[int, ...]
    scores: tuple[int, ...]

    def name(self, settings: DetectorSettings) -> str:
        """Tells it from that of another calibration."""
        return xxhash.xxh3_64_hexdigest(repr((self, settings)).encode())


def reference_of(log: Log, catalog: CatalogArrays, settings: DetectorSettings) -> InputReference:
    """`catalog` and `settings` as the calibration leaves them. Fresh profiles, as calibrations have them."""
    events = in_natural_order(log)
    rows = empty_profiles(int(events["user"].max()) + 1)
    update_profiles(rows, events, catalog, settings._replace(bot_per_minute=NO_BOTS))
    spread = inputs_of(events, rows, catalog)[len(QUALITY) :]
    return InputReference(*(tuple(each.tolist()) for each in np.split(spread, [CODES])))
