"""The look-up of creatives."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from streams.metrics.buckets import SECONDS

LOOKUPS = Counter(
    "shiftcast_lookups_total",
    "requests for a creative, by how they were asked and what was shown: user | segment | default | none | "
    "refused",
    ["route", "shown"],
)
NOT_LABELLED = Counter(
    "shiftcast_not_labelled_total",
    "creatives that were not given in a form without room for the label that they must carry",
    ["form"],
)
LOOKUP_SECONDS = Histogram(
    "shiftcast_lookup_seconds", "s from a request to its answer, without the network", buckets=SECONDS
)
LOOKUP_CREATIVES = Gauge("shiftcast_lookup_creatives", "creatives that the look-up holds")
LOOKUP_BYTES = Gauge("shiftcast_lookup_bytes", "bytes that the look-up's creatives and segments take")
LOOKUP_EVICTED = Gauge(
    "shiftcast_lookup_evicted", "personal creatives that made room in the look-up since its start"
)
MATERIALISED = Counter("shiftcast_materialised_total", "keys written to Redis: set | deleted", ["what"])
LOOKUP_AGE_S = Gauge("shiftcast_lookup_age_seconds", "s since the broker last answered the look-up")
