"""How requests end, and what the copywriters do."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from streams.metrics.buckets import LATENCY_MS, SECONDS, SHARE

GENERATIONS = Counter("shiftcast_generations_total", "requests ended", ["status"])
GENERATION_SECONDS = Histogram(
    "shiftcast_generation_seconds", "s the model took for a batch", buckets=SECONDS
)
GENERATION_BATCH = Histogram(
    "shiftcast_generation_batch", "briefs per model call", buckets=(1, 2, 4, 8, 16, 32, 64)
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
SHADOW_SECONDS = Histogram("shiftcast_shadow_seconds", "s the shadow took for a batch", buckets=SECONDS)
QUEUE_SECONDS = Histogram("shiftcast_queue_seconds", "s a request waited for the model", buckets=SECONDS)
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
NOVELTY = Histogram("shiftcast_novelty", "share of new wording against recent copy, 0..1", buckets=SHARE)
