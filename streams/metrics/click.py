"""The click model."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

CLICK_EXPOSURES = Counter(
    "shiftcast_click_exposures_total",
    "exposures that came to the click model: learnt, or why not",
    ["outcome"],
)
CLICK_BEHIND = Gauge(
    "shiftcast_click_behind_records", "exposures that the click model has not read yet", ["partition"]
)
CLICK_MODEL_VERSION = Gauge("shiftcast_click_model_version", "newest version of the click model published")
CLICK_LOG_LOSS = Gauge(
    "shiftcast_click_log_loss", "nats per showing of what was expected before it was learnt", ["model"]
)
CLICK_BASE_LOG_LOSS = Gauge(
    "shiftcast_click_base_log_loss", "nats per showing of the base rate said of each", ["model"]
)
CLICK_AUC = Gauge("shiftcast_click_auc", "share of pairs that the click model orders rightly", ["model"])
CLICK_CALIBRATION = Gauge(
    "shiftcast_click_calibration", "expected over observed clicks or conversions; 1 is right", ["model"]
)
CLICK_DRIFT = Gauge(
    "shiftcast_click_drift",
    "population stability index of the newest expectations; above 0.2: a shift",
    ["model"],
)
