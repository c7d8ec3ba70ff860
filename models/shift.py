"""Interest shift by BF-scan: log Bayes factors, per ring slot, of "the interest changed here" against "one interest since the last shift"."""

from __future__ import annotations

from typing import NamedTuple


class DetectorSettings(NamedTuple):
    """Knobs of the trigger; part of an artefact, so that state never depends on which worker had it."""

    threshold: float = 8.7  # log Bayes factor; calibrate it (models/calibration.py)
    kappa: float = 0.4  # share of positives that just repeat the previous code within a session
    clip: float = 1.5  # most that one event may say
    warm_up: int = 8  # positives before the first creative
    cooldown_events: int = 5
    cooldown_ms: int = 1_800_000
    tv_gate: float = 0.0  # least total variation between before and after, 0 off
    bot_per_minute: int = 60
