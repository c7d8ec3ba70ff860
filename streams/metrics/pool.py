"""The pool of copy."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

POOL_LOOKUPS = Counter(
    "shiftcast_pool_lookups_total",
    "creatives looked for in the pool: hit, or why not: empty | cold | seen | stale | refused | waits",
    ["outcome"],
)
POOL_ENTRIES = Gauge("shiftcast_pool_entries", "entries of the pool of copy that this worker knows")
POOL_BYTES = Gauge("shiftcast_pool_bytes", "bytes that the followed pool of copy takes")
POOL_WANTED = Gauge("shiftcast_pool_wanted", "misses of the pool of copy that wait to be written")
POOL_FILLED = Counter(
    "shiftcast_pool_filled_total",
    "copies written ahead: kept | below_bar | nothing (no draft that review accepts)",
    ["outcome"],
)
POOL_RETIRED = Counter("shiftcast_pool_retired_total", "entries of the pool withdrawn, by why", ["why"])
