"""What became of it: how each request ended, absolute counters, posteriors, artefacts."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta

from streams.records.base import Cause, Count, Id, Ms, Name, Names, Record, Share, Text, UserKey, Weighted
from streams.records.creatives import Creative


class GenerationReason(Record):
    score: float = 0.0
    top: list[Weighted] = []
    gained: list[Weighted] = []
    lost: list[Weighted] = []
    price: Name | None = None  # as in Trigger
    goes_with: Id | None = None  # what the user looked at or took that the item is bought with


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


class CopyQuote(Record):
    """A sentence of the row's text that the copy for a slot repeats: its characters in that text without
    markup, from `start` to before `end`."""

    slot: Name
    text: Text
    start: Count
    end: Count


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
    template_id: Id | None = None  # with arm and propensity: of the first creative
    segment: Name | None = None
    arm: Name | None = None
    propensity: Share | None = None
    policy_version: Name | None = None
    novelty: float | None = None
    review: Names = []  # reason codes
    scores: Annotated[list[CopyScore], Meta(max_length=8)] = []  # one per copy that a model wrote
    quotes: Annotated[list[CopyQuote], Meta(max_length=16)] = []
    queue_ms: float = 0.0
    model_ms: float = 0.0
    total_ms: float = 0.0
    cpu_ms: float = 0.0  # of the generator's processors while a model wrote, this request's share
    model_hash: Name | None = None
    source: Name | None = None  # of status model: pool where all was written ahead, else live
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
    starts: Count = 0  # this and the next: how far clips were played, by persons
    first_quartiles: Count = 0
    midpoints: Count = 0
    third_quartiles: Count = 0
    completions: Count = 0
    by_exposure: list[int] = []  # impressions by how often the user had seen the creative, 7 = 7 or more
    clicked_by_exposure: list[int] = []  # those of them that were clicked
    users: Count = 0  # who saw the cell in the window; never more than there were
    campaign_users: Count = 0  # whose first impression of the campaign in the window was of this cell


class OutcomeMaking(Record):
    """How requests ended and what was made for users. A request counts in the cell of its first creative,
    else where nothing is known of it; a creative in its own.

    Bins as models.measured.latency.BOUNDS_MS; `novelty` sums `novelties` values in 1/10,000; `sketch` holds
    which of `bigrams` pairs of words headlines had (models.measured.sketch), in hexadecimal digits.
    """

    by_status: dict[str, int] = {}
    review: dict[str, int] = {}
    queue_bins: list[int] = []
    total_bins: list[int] = []
    cpu_us: Count = 0
    novelty: Count = 0
    novelties: Count = 0
    creatives: Count = 0
    bigrams: Count = 0
    sketch: Name = ""


class Outcome(Record):
    """Absolute counters of one cell and window, as one lane knows them: what was earned, or under a key of
    its own how it was made (`making`)."""

    campaign_id: Id
    slot: Name
    arm: Name
    template_id: Id
    segment: Name
    window: Ms  # start, Unix ms; 0 with `window_s` 0
    window_s: Count  # 60, 3600, 86400; 0 = the campaign's life
    counts: OutcomeCounts
    value_minor: dict[str, int] = {}
    cost_minor: dict[str, int] = {}
    generation: Count = 0
    flush: Count = 0
    source_partition: Count = 0
    item_id: Id | None = None
    making: OutcomeMaking | None = None


class ArmPosterior(Record):
    """Reward counts of one style x template arm of a campaign and slot, or of a layout: absolute and decayed.
    `click_model`: of a layout the version that says how far the exposures behind it were read."""

    campaign_id: Id
    slot: Name
    arm: Name
    alpha: float
    beta: float
    version: Name
    click_model: int = 0


class ArtifactRecord(Record):
    """One part of an artefact: an item, a chunk of the basis, detector settings, a shared creative, the
    manifest."""

    kind: Name
    version: Count
    part: Annotated[str, Meta(max_length=512)]
    data: dict[str, Any]
