"""Worker groups, as the page sees them."""

from __future__ import annotations

from prometheus_client import Gauge

GROUP_LAG = Gauge(
    "shiftcast_group_lag_records", "records a worker group is behind, seen by the page", ["app"]
)
GROUP_MEMBERS = Gauge("shiftcast_group_members", "workers in a group, seen by the page", ["app"])
BROKER_SEEN = Gauge(
    "shiftcast_broker_seen_timestamp_seconds", "Unix s when the broker last answered the page"
)
