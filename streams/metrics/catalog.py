"""The catalogue."""

from __future__ import annotations

from prometheus_client import Gauge, Histogram

from streams.metrics.buckets import SECONDS

CATALOG_ITEMS = Gauge("shiftcast_catalog_items", "items of the current artefact")
CATALOG_VERSION = Gauge("shiftcast_catalog_version", "version of the current artefact")
CATALOG_INDEX_SECONDS = Histogram(
    "shiftcast_catalog_index_seconds", "s to embed changed items", buckets=SECONDS
)
