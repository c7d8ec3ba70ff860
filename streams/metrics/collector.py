"""The collector of trackers' calls."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from streams.metrics.buckets import SECONDS

COLLECTED = Counter(
    "shiftcast_collected_total",
    "calls of trackers, by what became of them: kept, or why not, see COLLECT_OUTCOMES",
    ["outcome"],
)
COLLECT_OUTCOMES: Final = (
    "kept", "followed", "nobody", "unsealed", "expired", "unknown", "prefetch", "too_many", "no_room",
)  # fmt: skip
"""`followed`: the click of somebody who is not known, which leads on and is not written."""
COLLECT_SECONDS = Histogram(
    "shiftcast_collect_seconds", "s from a tracker's call to its answer, without the network", buckets=SECONDS
)
COLLECT_WAITING = Gauge("shiftcast_collect_waiting", "collected events that the broker has not taken yet")
COLLECT_WAITS_S = Gauge(
    "shiftcast_collect_waits_seconds", "s that the broker has taken nothing while collected events wait"
)
COLLECT_BYTES = Gauge("shiftcast_collect_bytes", "bytes of collected events on disk")
