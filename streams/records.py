"""What travels: one struct per message, OpenRTB / AdCOM field names. Unknown fields are ignored; unknown enum values are kept as text."""

from __future__ import annotations

from typing import Any

import msgspec

SLOTS = (
    "native", "text", "banner_300x250", "banner_728x90", "banner_320x50",
    "social_1x1", "social_9x16", "landscape_1200x628", "video_16x9", "video_9x16",
)  # fmt: skip
"""Values of `slot`; models.event.EVENT['slot'] is the index here + 1."""


class Record(msgspec.Struct, gc=False, omit_defaults=True, frozen=True):
    """Base of all messages: immutable; change one with msgspec.structs.replace."""


class Geo(Record):
    country: str | None = None
    region: str | None = None
    city: str | None = None
    utcoffset: int | None = None


class Device(Record):
    devicetype: int | None = None
    os: str | None = None
    osv: str | None = None
    langb: str | None = None
    connectiontype: int | None = None
    geo: Geo | None = None


class RegsExt(Record):
    gpc: int | None = None


class Regs(Record):
    gdpr: int | None = None
    coppa: int | None = None
    gpp: str | None = None
    gpp_sid: list[int] = []
    us_privacy: str | None = None
    ext: RegsExt | None = None


class Explicit(Record):
    """Consent the user stated in so many words; None = not stated."""

    profile: bool | None = None
    personalise: bool | None = None
    measure: bool | None = None
    train: bool | None = None


class Placement(Record):
    id: str | None = None
    gpid: str | None = None
    w: int | None = None
    h: int | None = None
    pos: int | None = None


class ImpressionPrice(Record):
    cpm: float | None = None
    cur: str | None = None


class Impression(Record):
    id: str
    ts: int
    user: str
    creative_id: str | None
    item_id: str | None = None
    cat: list[str] = []
    cattax: int | None = None
    campaign_id: str | None = None
    template_id: str | None = None
    slot: str | None = None
    event: int | None = None
    placement: Placement | None = None
    device: Device | None = None
    auction_id: str | None = None
    price: ImpressionPrice | None = None
    regs: Regs | None = None
    consent: str | None = None
    explicit: Explicit | None = None


class Click(Record):
    id: str
    ts: int
    user: str
    imp_id: str | None = None
    creative_id: str | None = None
    item_id: str | None = None
    cat: list[str] = []
    cattax: int | None = None
    campaign_id: str | None = None
    slot: str | None = None
    device: Device | None = None
    regs: Regs | None = None
    consent: str | None = None
    explicit: Explicit | None = None


class ConversionItem(Record):
    item_id: str
    qty: float = 1
    price: float | None = None


class Conversion(Record):
    id: str
    ts: int
    user: str
    type: str
    value: float | None = None
    cur: str | None = None
    order: str | None = None
    imp_id: str | None = None
    click_id: str | None = None
    items: list[ConversionItem] = []
    device: Device | None = None
    regs: Regs | None = None
    consent: str | None = None
    explicit: Explicit | None = None


class Behavior(Record):
    id: str
    ts: int
    user: str
    type: str
    item_id: str | None = None
    creative_id: str | None = None
    cat: list[str] = []
    cattax: int | None = None
    kwarray: list[str] = []
    text: str | None = None
    dwell_ms: int | None = None
    feedback: str | None = None
    device: Device | None = None
    regs: Regs | None = None
    consent: str | None = None
    explicit: Explicit | None = None


class Advertiser(Record):
    name: str
    adomain: list[str] = []


class Flight(Record):
    start: int
    end: int


class CampaignItems(Record):
    """Which items a campaign advertises: both lists empty = the whole catalogue."""

    ids: list[str] = []
    cat: list[str] = []


class Brief(Record):
    brand: str
    facts: list[str] = []
    must_use: list[str] = []
    avoid: list[str] = []
    tone: str = "friendly"


class Targeting(Record):
    geo: list[str] = []
    device: list[int] = []
    segment: list[str] = []


class Template(Record):
    """An approved frame. `{title}`, `{noun}`, `{price}`, `{brand}` are slots; audit = AdCOM status (2 and 3 may be used)."""

    template_id: str
    slot: str
    locale: str
    headline: str
    description: str
    cta: str
    audit: int = 3


class Pool(Record):
    images: list[str] = []
    claims: list[str] = []
    ctas: list[str] = []


class Blocked(Record):
    cat: list[str] = []
    attr: list[int] = []


class Cap(Record):
    """At most `n` impressions per user in `per_s` seconds (None = lifetime), counted per creative or campaign."""

    n: int
    per_s: int | None = None
    scope: str = "campaign"


class ExperimentArm(Record):
    id: str
    share: float


class Experiment(Record):
    id: str
    salt: str
    arms: list[ExperimentArm]
    start: int
    end: int


class Dsa(Record):
    behalf: str
    paid: str


class Campaign(Record):
    campaign_id: str
    version: int
    status: str
    advertiser: Advertiser
    goal: str = "clicks"
    budget: float | None = None
    flight: Flight | None = None
    slots: list[str] = []
    locales: list[str] = []
    items: CampaignItems = CampaignItems()
    brief: Brief | None = None
    targeting: Targeting = Targeting()
    templates: list[Template] = []
    pool: Pool = Pool()
    blocked: Blocked = Blocked()
    cap: list[Cap] = []
    experiment: Experiment | None = None
    dsa: Dsa | None = None
    labels: dict[str, str] = {}


class CatalogItem(Record):
    item_id: str
    title: str
    url: str
    price: float | None = None
    salesprice: float | None = None
    cur: str | None = None
    availability: str = "in_stock"
    images: list[str] = []
    cat: list[str] = []
    cattax: int | None = None
    noun: str | None = None
    text: str | None = None
    valid_until: int | None = None


class Consent(Record):
    user: str
    ts: int
    regs: Regs | None = None
    consent: str | None = None
    explicit: Explicit | None = None


class PrivacySubject(Record):
    identifierType: str | None = None  # noqa: N815 - the IAB framework's name
    identifierValue: str | None = None  # noqa: N815
    identifierFormat: str | None = None  # noqa: N815


class PrivacyRequest(Record):
    request_id: str
    type: str
    iat: int
    sub: PrivacySubject | None = None
    iss: str | None = None
    deadline: int | None = None
    jwt: str | None = None


class StoreReport(Record):
    name: str
    deleted: int
    until: int | None = None


class PrivacyAck(Record):
    request_id: str
    type: str
    status: str
    raResultCode: int = 0  # noqa: N815
    stores: list[StoreReport] = []
    tombstones: int = 0
    done_ts: int | None = None
    verify_after: int | None = None
    export: dict[str, Any] | None = None


class Review(Record):
    id: str
    status: int
    key: str | None = None
    feedback: list[str] = []
    reviewer: str | None = None
    ts: int | None = None


class Cause(Record):
    """The event a request, and so a creative, goes back to."""

    id: str
    ts: int
    topic: str


class Weighted(Record):
    """An interest code or item with its weight in [0, 1]."""

    name: str
    weight: float


class Trigger(Record):
    kind: str  # shift | first | refresh
    score: float = 0.0
    gained: list[Weighted] = []
    lost: list[Weighted] = []


class RequestContext(Record):
    hour: int | None = None
    weekday: int | None = None
    device: int | None = None
    country: str | None = None
    slots: list[str] = []
    locale: str = "en"


class LiveCreative(Record):
    key: str
    creative_id: str
    campaign_id: str
    slot: str
    version: int
    expires: int


class CopyText(Record):
    headline: str
    description: str
    cta: str
    brand: str | None = None


class PastCreative(Record):
    """The creative a returning regime had: published again when it is still eligible."""

    campaign_id: str
    item_id: str
    slot: str
    copy: CopyText
    template_id: str | None = None
    arm: str | None = None


class CreativeRequest(Record):
    """Everything the generator needs to answer; it reads no table. At most 4 KB."""

    request_id: str
    user: str
    n_trig: int
    cause: Cause
    deadline: int
    trigger: Trigger
    vector: str  # base64 of float16 (64,), the served interest vector
    top: list[Weighted]  # interest codes by weight
    catalog_version: int
    items: list[Weighted] = []  # items seen most
    tier: int = 2
    context: RequestContext = RequestContext()
    segment: str | None = None
    suppressed: list[int] = []
    caps: dict[str, int] = {}  # campaign or creative id -> impressions counted
    recent: list[int] = []  # 64-bit SimHashes of recent copy
    live: list[LiveCreative] = []
    regime: list[PastCreative] = []
    consent: Explicit = Explicit()
    arms: dict[str, str] = {}  # experiment id -> arm
    intended_ts: int | None = None  # when the causing event was meant to be sent (header of open-loop load drivers)


class Audience(Record):
    type: str  # user | segment | default
    key: str


class Asset(Record):
    role: str
    url: str
    type: int | None = None
    mime: str | None = None
    w: int | None = None
    h: int | None = None


class Link(Record):
    url: str
    urlfb: str | None = None


class Tracker(Record):
    type: int
    method: int
    url: str


class Audit(Record):
    status: int
    feedback: list[str] = []
    init: int | None = None
    lastmod: int | None = None


class AiTool(Record):
    name: str
    version: str | None = None


class DeclaredBy(Record):
    role: str


class Jurisdiction(Record):
    country: str
    regulation: str
    label_text: str


class Disclosure(Record):
    required: bool
    jurisdictions: list[Jurisdiction] = []


class Provenance(Record):
    """AdCP `provenance`: who made this and with what."""

    digital_source_type: str
    synthetic_depiction: bool = False
    ai_tool: AiTool | None = None
    human_oversight: str = "prompt_only"
    declared_by: DeclaredBy = DeclaredBy(role="tool")
    disclosure: Disclosure = Disclosure(required=False)


class DsaTransparency(Record):
    domain: str
    dsaparams: list[int]


class CreativeDsa(Record):
    behalf: str
    paid: str
    transparency: list[DsaTransparency] = []
    adrender: int = 0


class CreativeReason(Record):
    trigger: str


class CreativeExperiment(Record):
    arm: str
    propensity: float
    policy_version: str
    id: str | None = None


class Creative(Record):
    """What ad servers read. `creative_id` = "cr_" + 16 hex digits, `request_id` = "rq_" + 16 hex digits."""

    creative_id: str
    template_id: str
    campaign_id: str
    advertiser: Advertiser
    audience: Audience
    slot: str
    lang: str
    version: int
    created: int
    expires: int
    copy: CopyText
    link: Link
    audit: Audit
    provenance: Provenance
    reason: CreativeReason
    item_id: str | None = None
    request_id: str | None = None
    replaces: str | None = None
    assets: list[Asset] = []
    trackers: list[Tracker] = []
    cat: list[str] = []
    cattax: int | None = None
    attr: list[int] = []
    mrating: int = 1
    dsa: CreativeDsa | None = None
    experiment: CreativeExperiment | None = None
    cause: Cause | None = None
    render: dict[str, Any] = {}


class GenerationReason(Record):
    score: float = 0.0
    top: list[Weighted] = []
    gained: list[Weighted] = []
    lost: list[Weighted] = []


class GenerationResult(Record):
    """How a request ended: model | template | reused | superseded | pending | no_match | no_consent | capped | withdrawn."""

    request_id: str
    user: str
    status: str
    cause: Cause
    ts: int
    creative_ids: list[str] = []
    creative: Creative | None = None  # whole, while it waits for a person's review
    campaign_id: str | None = None
    item_id: str | None = None
    slots: list[str] = []
    arm: str | None = None
    propensity: float | None = None
    policy_version: str | None = None
    novelty: float | None = None
    review: list[str] = []  # reason codes
    queue_ms: float = 0.0
    model_ms: float = 0.0
    total_ms: float = 0.0
    model_hash: str | None = None
    reason: GenerationReason = GenerationReason()


class OutcomeCounts(Record):
    impressions: int = 0
    viewable: int = 0
    clicks: int = 0
    conversions: int = 0
    likes: int = 0
    hides: int = 0
    reports: int = 0
    by_exposure: list[int] = []


class Outcome(Record):
    """Absolute counters of one cell and window, as one lane knows them."""

    campaign_id: str
    slot: str
    arm: str
    template_id: str
    segment: str
    window: int  # start, Unix ms
    window_s: int  # 60, 3600 or 86400
    counts: OutcomeCounts
    value_minor: dict[str, int] = {}
    cost_minor: dict[str, int] = {}
    generation: int = 0
    flush: int = 0
    source_partition: int = 0
    item_id: str | None = None


class ArmPosterior(Record):
    """Reward counts of one style x template arm of a campaign and slot: absolute and decayed."""

    campaign_id: str
    slot: str
    arm: str
    alpha: float
    beta: float
    version: str


class ArtifactRecord(Record):
    """One part of an artefact: an item, a chunk of the basis, detector settings, a shared creative, the manifest."""

    kind: str
    version: int
    part: str
    data: dict[str, Any]
