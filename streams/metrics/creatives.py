"""Creatives: published, withdrawn, missing."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

TOMBSTONES = Counter("shiftcast_tombstones_total", "creatives withdrawn", ["cause"])
REVOCATIONS = Counter("shiftcast_revocations_total", "revocations stated", ["kind", "reason"])
SWITCHES = Gauge("shiftcast_switches", "switches that leave templates or defaults only")
CREATIVES = Counter("shiftcast_creatives_total", "creatives published", ["slot", "audience", "source"])
BLANK_DEFAULTS = Gauge(
    "shiftcast_blank_defaults", "campaign slots of this worker for which no default creative may stand"
)
REFUSED_SEGMENTS = Gauge(
    "shiftcast_refused_segments",
    "creatives of segments that review refuses at this worker: the default is shown there",
)
