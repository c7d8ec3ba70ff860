"""The worker and its lanes: what is read, written, restored, owned, and how far behind it is."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from streams.metrics.buckets import LATENCY_MS, SECONDS

RECORDS = Counter("shiftcast_records_total", "records taken from the broker", ["topic"])
BATCH_SECONDS = Histogram("shiftcast_batch_seconds", "s to apply one batch", buckets=SECONDS)
BATCH_RECORDS = Histogram(
    "shiftcast_batch_records",
    "records per batch",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000),
)
EVENT_LATENCY_MS = Histogram(
    "shiftcast_event_latency_ms", "ms from a record's append time to its application", buckets=LATENCY_MS
)
FLUSH_SECONDS = Histogram(
    "shiftcast_flush_seconds", "s from the start of a flush to its acknowledgement", buckets=SECONDS
)
ROWS_FLUSHED = Counter("shiftcast_rows_flushed_total", "rows written by flushes", ["kind"])
CHANGELOG_BYTES = Counter(
    "shiftcast_changelog_bytes_total", "bytes of records written to the changelog, at most"
)
FOREIGN_WRITES = Counter(
    "shiftcast_foreign_changelog_writes_total", "changelog records of another writer that were overwritten"
)
RESTORED_ROWS = Counter("shiftcast_restored_rows_total", "changelog records read by recovery and standbys")
RESTORE_SECONDS = Gauge("shiftcast_restore_seconds", "s the last recovery took")
WORKER = Gauge("shiftcast_worker", "1: a worker of this app serves these metrics", ["app"])
LANES = Gauge("shiftcast_lanes", "partitions this worker owns")
ARENA_ROWS = Gauge("shiftcast_arena_users", "users in memory", ["lane"])
EVICTIONS = Counter("shiftcast_arena_evictions_total", "clean users dropped from memory")
EVENTS_LOST = Counter(
    "shiftcast_events_lost_total",
    "records that retention deleted before they were read, at most",
    ["topic", "partition"],
)
LAG = Gauge("shiftcast_lag_records", "records behind the end of a partition", ["topic", "partition"])
APPLIED_OFFSET = Gauge("shiftcast_applied_offset", "last applied offset", ["topic", "partition"])
COMMITTED_OFFSET = Gauge("shiftcast_committed_offset", "last committed offset", ["topic", "partition"])
LOOP_LAG_MS = Histogram("shiftcast_loop_lag_ms", "ms the event loop was late", buckets=LATENCY_MS)
COMPILED_AFTER_START = Gauge(
    "shiftcast_compiled_after_start", "functions that the worker compiled while events waited; 0 is right"
)
REBALANCES = Counter("shiftcast_rebalances_total", "assignments received")
HEARTBEAT_AGE_S = Gauge("shiftcast_heartbeat_age_seconds", "s since the group coordinator last answered")
OUTPUTS = Counter("shiftcast_outputs_total", "records sent", ["topic"])
DEAD_LETTERS = Counter(
    "shiftcast_dead_letters_total", "records that could not be used", ["topic", "stage", "reason"]
)
DEAD_LETTER_SHARE = Gauge("shiftcast_dead_letter_share", "share of dead letters among the last records, 0..1")
REVOKING = Gauge("shiftcast_revoking", "1 while a lane looks for creatives that were revoked", ["lane"])


@cache
def shown_metrics_of(topic: str, partition: int) -> tuple[Counter, Gauge]:
    """Records and applied offset of a partition; looked up once, for that costs a lock."""
    return RECORDS.labels(topic), APPLIED_OFFSET.labels(topic, partition)


def forget_partitions() -> None:
    """Drop what is shown of single partitions: after an assignment, a partition that went to another worker
    would keep its last lag here for ever."""
    for each in (LAG, APPLIED_OFFSET, COMMITTED_OFFSET, ARENA_ROWS, REVOKING):
        each.clear()
    shown_metrics_of.cache_clear()  # what was looked up before is shown no more
