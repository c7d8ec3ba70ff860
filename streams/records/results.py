"""What became of it: how each request ended, absolute counters, posteriors, artefacts."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta

from streams.records.base import Cause, Count, Id, Ms, Name, Names, Record, Share, UserKey, Weighted
from streams.records.creatives import Creative


class GenerationReason(Record):
    score: float = 0.0
    top: list[Weighted] = []
    gained: list[Weighted] = []
    lost: list[Weighted] = []


class CopyScore(Record):
    """Why one copy was chosen among the drafts that review accepted: parts and their weighted mean, all in
    [0, 1]."""

    slot: Name
    candidates: Count
    facts: Share
    policy: Share
    relevance: Share
    novelty: Share
    expected_ctr: Share
    total: Share


GENERATION_STATUSES: Final = (
    "model", "template", "reused", "superseded", "pending", "no_match", "no_consent", "capped", "withdrawn",
    "holdout",
)  # fmt: skip


class GenerationResult(Record):
    """How a request ended: model | template | reused | superseded | pending | no_match | no_consent | capped
    | withdrawn | holdout."""

    request_id: Id
    user: UserKey
    status: Name
    cause: Cause
    ts: Ms
    creative_ids: Names = []
    creative: Creative | None = None  # whole, while it waits for a person's review
    campaign_id: Id | None = None
    item_id: Id | None = None
    slots: Names = []
    arm: Name | None = None
    propensity: Share | None = None
    policy_version: Name | None = None
    novelty: float | None = None
    review: Names = []  # reason codes
    scores: Annotated[list[CopyScore], Meta(max_length=8)] = []  # one per copy that a model wrote
    queue_ms: float = 0.0
    model_ms: float = 0.0
    total_ms: float = 0.0
    model_hash: Name | None = None
    reason: GenerationReason = GenerationReason()


class OutcomeCounts(Record):
    impressions: Count = 0
    viewable: Count = 0
    clicks: Count = 0
    conversions: Count = 0
    likes: Count = 0
    hides: Count = 0
    reports: Count = 0
    invalid_impressions: Count = 0  # of bots; this and the next are in none of the counts above
    invalid_clicks: Count = 0  # of bots, too fast, repeated, without an exposure
    by_exposure: list[int] = []


class Outcome(Record):
    """Absolute counters of one cell and window, as one lane knows them."""

    campaign_id: Id
    slot: Name
    arm: Name
    template_id: Id
    segment: Name
    window: Ms  # start, Unix ms
    window_s: Count  # 60, 3600 or 86400
    counts: OutcomeCounts
    value_minor: dict[str, int] = {}
    cost_minor: dict[str, int] = {}
    generation: Count = 0
    flush: Count = 0
    source_partition: Count = 0
    item_id: Id | None = None


class ArmPosterior(Record):
    """Reward counts of one style x template arm of a campaign and slot: absolute and decayed."""

    campaign_id: Id
    slot: Name
    arm: Name
    alpha: float
    beta: float
    version: Name


class ArtifactRecord(Record):
    """One part of an artefact: an item, a chunk of the basis, detector settings, a shared creative, the
    manifest."""

    kind: Name
    version: Count
    part: Annotated[str, Meta(max_length=512)]
    data: dict[str, Any]
