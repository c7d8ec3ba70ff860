"""The threshold of the detector, and the inputs it was calibrated on."""

from __future__ import annotations

from prometheus_client import Gauge

THRESHOLD = Gauge(
    "shiftcast_detector_threshold",
    "threshold of the detector by who set it: generations | calibration | default",
    ["source"],
)
GENERATIONS_WANTED = Gauge(
    "shiftcast_generations_wanted_per_1000", "requests wanted per 1,000 positive events; 0: no budget"
)
GENERATIONS_SEEN = Gauge(
    "shiftcast_generations_seen_per_1000",
    "requests per 1,000 positive events before the last step of the threshold",
)
INPUT_SHARE = Gauge(
    "shiftcast_input_share",
    "share of the events of the last hours: no_item | unknown_item | no_price | duplicate | late | bot",
    ["what"],
)
INPUT_DRIFT = Gauge(
    "shiftcast_input_drift",
    "population stability index, beyond chance, against what was calibrated on: codes | scores",
    ["of"],
)
INPUT_ALARM = Gauge(
    "shiftcast_input_alarm",
    "1 while the inputs are not as they should be; repair: what to do",
    ["what", "repair"],
)
