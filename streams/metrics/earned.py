"""What was shown and what it earned."""

from __future__ import annotations

from prometheus_client import Counter

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
CLIP_PLAYS = Counter(
    "shiftcast_clip_plays_total", "events that say how far a clip was played, as they came", ["reached"]
)
UNCOUNTED_IMPRESSIONS = Counter(
    "shiftcast_uncounted_impressions_total",
    "impressions missing in a count towards a cap, which closes early for that user",
)
UNCREDITED_RETURNS = Counter(
    "shiftcast_uncredited_returns_total", "returns of no order that is kept and credited to a campaign"
)
CAPS_REACHED = Counter("shiftcast_caps_reached_total", "creatives withdrawn because a cap was reached")
OUTCOMES = Counter("shiftcast_outcomes_total", "outcome records sent")
STALE_OUTCOMES = Counter(
    "shiftcast_stale_outcomes_total", "outcome records that said nothing newer than one before"
)
CREATIVE_METRICS = Counter("shiftcast_creative_metrics_total", "metric records of cells sent")
ARMS_TOLD = Counter("shiftcast_arms_told_total", "posteriors of arms sent")
