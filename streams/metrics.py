"""Every metric, one line each: name, labels, unit and meaning. Served as Prometheus text by each worker."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from streams.records.results import GENERATION_STATUSES

SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
LATENCY_MS: Final = (5, 10, 20, 50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 5000, 10_000)
SHARE: Final = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

EVENTS_ADMITTED = Counter("shiftcast_events_total", "events by what admission decided", ["topic", "status"])
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
DUPLICATES = Counter("shiftcast_duplicates_total", "events whose id was seen before", ["topic"])
LATE = Counter(
    "shiftcast_late_events_total",
    "events older than the user's newest by more than the lateness bound",
    ["topic"],
)
CONSENT_DENIED = Counter("shiftcast_consent_denied_total", "events not learnt for lack of consent", ["topic"])
ERASURES = Counter("shiftcast_erasures_total", "users erased")
LINKS = Counter(
    "shiftcast_links_total", "users whose link with another pseudonym began to count, or ended", ["what"]
)
SHIFTS = Counter("shiftcast_shifts_total", "interest shifts noticed", ["kind"])
POSITIVE_EVENTS = Counter("shiftcast_positive_events_total", "events that move a profile")
REQUESTS = Counter("shiftcast_requests_total", "creative requests sent", ["trigger"])
REDECIDED = Counter("shiftcast_redecided_total", "creatives whose request this replay did not make again")
UNATTRIBUTED_CLICKS = Counter(
    "shiftcast_unattributed_clicks_total", "clicks without a known impression or creative"
)
REATTRIBUTED = Counter(
    "shiftcast_reattributed_total", "clicks, reactions and conversions moved to where they belong"
)
EXPOSURE_EVICTIONS = Counter(
    "shiftcast_exposure_evictions_total", "exposures dropped for newer ones before they could be joined"
)
EXPOSURES = Counter("shiftcast_exposures_total", "exposures told once they were settled", ["settled"])
INVALID_TRAFFIC = Counter(
    "shiftcast_invalid_traffic_total",
    "impressions and clicks that do not count, by why, as judged when they came",
    ["what", "why"],
)
UNCOUNTED_IMPRESSIONS = Counter(
    "shiftcast_uncounted_impressions_total",
    "impressions missing in a count towards a cap, which closes early for that user",
)
UNCREDITED_RETURNS = Counter(
    "shiftcast_uncredited_returns_total", "returns of no order that is kept and credited to a campaign"
)
CAPS_REACHED = Counter("shiftcast_caps_reached_total", "creatives withdrawn because a cap was reached")
TOMBSTONES = Counter("shiftcast_tombstones_total", "creatives withdrawn", ["cause"])
REVOCATIONS = Counter("shiftcast_revocations_total", "revocations stated", ["kind", "reason"])
REVOKING = Gauge("shiftcast_revoking", "1 while a lane looks for creatives that were revoked", ["lane"])
SWITCHES = Gauge("shiftcast_switches", "switches that leave templates or defaults only")
OUTCOMES = Counter("shiftcast_outcomes_total", "outcome records sent")
STALE_OUTCOMES = Counter(
    "shiftcast_stale_outcomes_total", "outcome records that said nothing newer than one before"
)
CREATIVE_METRICS = Counter("shiftcast_creative_metrics_total", "metric records of cells sent")
ARMS_TOLD = Counter("shiftcast_arms_told_total", "posteriors of arms sent")
CREATIVES = Counter("shiftcast_creatives_total", "creatives published", ["slot", "audience", "source"])
GENERATIONS = Counter("shiftcast_generations_total", "requests ended", ["status"])
GENERATION_SECONDS = Histogram(
    "shiftcast_generation_seconds", "s the model took for a batch", buckets=SECONDS
)
RENDERS = Counter("shiftcast_renders_total", "pictures: drawn, or why there is none", ["result"])
RENDER_SECONDS = Histogram(
    "shiftcast_render_seconds", "s to draw and store the files of a picture", buckets=SECONDS
)
LEFT_OUT = Counter(
    "shiftcast_left_out_total", "elements that did not fit a picture and were left out", ["slot", "element"]
)
CLIPS = Counter("shiftcast_clips_total", "clips: made, or why there is none", ["result"])
CLIP_SECONDS = Histogram(
    "shiftcast_clip_seconds",
    "s to make and store the files of a clip",
    buckets=(1, 2, 3, 5, 8, 13, 21, 34, 45),
)
CLIPS_WAITING = Gauge("shiftcast_clips_waiting", "clips that are to be made when no picture is")
PICTURES_REMOVED = Counter(
    "shiftcast_pictures_removed_total", "files of pictures and clips that nobody named any more"
)
PHOTOS = Counter("shiftcast_photos_total", "photos asked for: fetched, or why there is none", ["result"])
GENERATION_BATCH = Histogram(
    "shiftcast_generation_batch", "briefs per model call", buckets=(1, 2, 4, 8, 16, 32, 64)
)
GROUP_LAG = Gauge(
    "shiftcast_group_lag_records", "records a worker group is behind, seen by the page", ["app"]
)
GROUP_MEMBERS = Gauge("shiftcast_group_members", "workers in a group, seen by the page", ["app"])
BROKER_SEEN = Gauge(
    "shiftcast_broker_seen_timestamp_seconds", "Unix s when the broker last answered the page"
)
COPYWRITER_IN_FORCE = Gauge(
    "shiftcast_copywriter", "1 for the copywriter in each role: current | shadow", ["role", "name", "version"]
)
SWAPS = Counter("shiftcast_copywriter_swaps_total", "announced copywriters: switched | refused", ["outcome"])
SHADOW_BRIEFS = Counter(
    "shiftcast_shadow_briefs_total",
    "briefs of the shadow: model | template | nothing | failed | passed_over",
    ["outcome"],
)
SHADOW_FINDINGS = Counter(
    "shiftcast_shadow_findings_total", "findings of the review on the shadow's drafts", ["code"]
)
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
SHADOW_SECONDS = Histogram("shiftcast_shadow_seconds", "s the shadow took for a batch", buckets=SECONDS)
QUEUE_SECONDS = Histogram("shiftcast_queue_seconds", "s a request waited for the model", buckets=SECONDS)
LOOKUPS = Counter(
    "shiftcast_lookups_total",
    "requests for a creative, by how they were asked and what was shown: user | segment | default | none | "
    "refused",
    ["route", "shown"],
)
LOOKUP_SECONDS = Histogram(
    "shiftcast_lookup_seconds", "s from a request to its answer, without the network", buckets=SECONDS
)
LOOKUP_CREATIVES = Gauge("shiftcast_lookup_creatives", "creatives that the look-up holds")
LOOKUP_BYTES = Gauge("shiftcast_lookup_bytes", "bytes that the look-up's creatives and segments take")
LOOKUP_EVICTED = Gauge(
    "shiftcast_lookup_evicted", "personal creatives that made room in the look-up since its start"
)
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
MATERIALISED = Counter("shiftcast_materialised_total", "keys written to Redis: set | deleted", ["what"])
LOOKUP_AGE_S = Gauge("shiftcast_lookup_age_seconds", "s since the broker last answered the look-up")
BLANK_DEFAULTS = Gauge(
    "shiftcast_blank_defaults", "campaign slots of this worker for which no default creative may stand"
)
REFUSED_SEGMENTS = Gauge(
    "shiftcast_refused_segments",
    "creatives of segments that review refuses at this worker: the default is shown there",
)
QUEUE_DEPTH = Gauge("shiftcast_queue_depth", "requests waiting for the model")
SUPERSEDED = Counter("shiftcast_superseded_total", "requests replaced by a newer one of the same user")
EVENT_TO_CREATIVE_MS = Histogram(
    "shiftcast_event_to_creative_ms", "ms from the causing event to its creative", buckets=LATENCY_MS
)
REVIEW_FINDINGS = Counter("shiftcast_review_findings_total", "findings of the review", ["code", "action"])
EXEMPT_HEADLINES = Counter(
    "shiftcast_exempt_headlines_total",
    "creatives that did not ask whether their user had the headline: reused | template | shared",
    ["source"],
)
HEADLINES_FORGOTTEN = Counter(
    "shiftcast_headlines_forgotten_total",
    "headlines of models that had to leave a user's row before their window ended",
)
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
NOVELTY = Histogram("shiftcast_novelty", "share of new wording against recent copy, 0..1", buckets=SHARE)
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
CATALOG_ITEMS = Gauge("shiftcast_catalog_items", "items of the current artefact")
CATALOG_VERSION = Gauge("shiftcast_catalog_version", "version of the current artefact")
CATALOG_INDEX_SECONDS = Histogram(
    "shiftcast_catalog_index_seconds", "s to embed changed items", buckets=SECONDS
)

BEGUN_AT_ZERO: Final = (
    (GENERATIONS, GENERATION_STATUSES),
    (EXEMPT_HEADLINES, ("reused", "template", "shared")),
    (SWAPS, ("switched", "refused")),
    (POOL_LOOKUPS, ("hit", "empty", "cold", "seen", "stale", "refused", "waits")),
    (POOL_FILLED, ("kept", "below_bar", "nothing")),
    (POOL_RETIRED, ("changed", "expired", "gone")),
    (
        CLICK_EXPOSURES,
        ("learnt", "duplicate", "invalid", "evicted", "purpose", "withdrawn", "unreadable"),
    ),
    (COLLECTED, COLLECT_OUTCOMES),
    (SHADOW_BRIEFS, ("model", "template", "nothing", "failed", "passed_over")),
)
"""Counters whose label values are known. A series that begins with its first increment shows no increase
there, so that an alert on it is silent."""
for _counter, _values in BEGUN_AT_ZERO:
    for _value in _values:
        _counter.labels(_value)

ALL_METRICS: Final = tuple(
    metric
    for name, metric in sorted(globals().items())
    if name.isupper() and isinstance(metric, Counter | Gauge | Histogram)
)


def forget_partitions() -> None:
    """Drop what is shown of single partitions: after an assignment, a partition that went to another worker
    would keep its last lag here for ever."""
    for each in (LAG, APPLIED_OFFSET, COMMITTED_OFFSET, ARENA_ROWS, REVOKING):
        each.clear()


def total(counter: Counter) -> int:
    """A counter over all its labels."""
    return int(
        sum(
            sample.value
            for family in counter.collect()
            for sample in family.samples
            if sample.name.endswith("_total")
        )
    )
