"""A small set of records about one creative, as the topics would hold them."""

from __future__ import annotations

from agents.explaining.found import CreativeTraces
from streams import records as r
from streams.topics import DAY_MS

NOW_MS = 1_760_000_000_000
CREATIVE_ID = "cr_00000000000000aa"
ARM = "scene.t1"


def weighted(**weights: float) -> list[r.Weighted]:
    return [r.Weighted(name, weight) for name, weight in weights.items()]


def result(days_ago: float, top: dict[str, float], **more: object) -> r.GenerationResult:
    fields: dict[str, object] = {
        "request_id": f"rq_{int(days_ago * 10):016x}", "user": "u1", "status": "model",
        "cause": r.Cause("e1", NOW_MS, "ads.click.v1"), "ts": NOW_MS - int(days_ago * DAY_MS),
        "reason": r.GenerationReason(8.5, weighted(**top)),
    }  # fmt: skip
    return r.GenerationResult(**(fields | more))  # type: ignore[arg-type]


ENDED = result(
    0.1, {"lamps": 0.5, "sofas": 0.2}, creative_ids=[CREATIVE_ID], campaign_id="c1", item_id="i1",
    slots=["native"], arm=ARM, propensity=0.031, policy_version="p1", review=["LENGTH"], queue_ms=12.0,
    model_ms=80.0, model_hash="ab12",
    quotes=[r.CopyQuote("native", "Warm light", 12, 22), r.CopyQuote("search", "Bright", 30, 36)],
    scores=[r.CopyScore("native", 3, 1.0, 1.0, 0.6, 0.9, 0.5, 0.8)],
    reason=r.GenerationReason(8.5, weighted(lamps=0.5, sofas=0.2), weighted(lamps=0.4), weighted(sofas=-0.3)),
)  # fmt: skip
EARLIER = [
    result(40, {"sofas": 0.9}),
    result(20, {"sofas": 0.8}),
    result(10, {"sofas": 0.6, "lamps": 0.1}),
]
CREATIVE = r.Creative(
    creative_id=CREATIVE_ID, template_id="t1", campaign_id="c1", advertiser=r.Advertiser("Brand"),
    audience=r.Audience("user", "u:u1"), slot="native", lang="en", version=1, created=NOW_MS,
    expires=NOW_MS + DAY_MS, copy=r.CopyText("A lamp for you", "Warm light.", "Shop now"),
    link=r.Link("https://shop.example/p/1"), audit=r.Audit(3),
    provenance=r.Provenance("trained_algorithmic_media", ai_tool=r.AiTool("builtin", "sha256:ab12")),
    reason=r.CreativeReason("shift"), item_id="i1", request_id=ENDED.request_id,
    experiment=r.CreativeExperiment(ARM, 0.031, "p1"),
)  # fmt: skip
REQUEST = r.CreativeRequest(
    request_id=ENDED.request_id, user="u1", n_trig=2, cause=ENDED.cause, deadline=NOW_MS,
    trigger=r.Trigger("shift", 8.5), vector="", top=[], catalog_version=1,
)  # fmt: skip


def metric(segment: str, impressions: int, clicks: int, **more: object) -> r.CreativeMetric:
    fields: dict[str, object] = {
        "campaign_id": "c1", "template_id": "t1", "arm": ARM, "slot": "native", "segment": segment,
        "window": 0, "window_s": 0, "counts": r.MetricCounts(impressions=impressions, clicks=clicks),
        "money": r.MetricMoney(revenue_minor={"GBP": 1_250}),
    }  # fmt: skip
    return r.CreativeMetric(**(fields | more))  # type: ignore[arg-type]


METRICS = [metric("k01", 900, 30), metric("k02", 100, 10), metric("k03", 0, 0, suppressed=True)]


def found(**without: object) -> CreativeTraces:
    """All of it, but for what is named."""
    whole = CreativeTraces(CREATIVE, ENDED, REQUEST, [*EARLIER, ENDED], METRICS)
    for name, value in without.items():
        setattr(whole, name, value)
    return whole
