"""Every topic, one line each: name, record, key, policy. `shiftcast topics create` makes them so; `shiftcast
check` compares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from streams import records as r

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
KIB: Final = 1024
_MIB: Final = 1024 * KIB

TsRule = Literal["none", "window", "not_ahead"]
"""`window`: ts within [append time - max_event_age, append time + 5 min]; `not_ahead`: the upper bound alone;
else dead letter."""


@dataclass(frozen=True)
class TopicSpec:
    """One topic. `partitions` None = the partition setting; a number = that many whatever the setting.

    `max_bytes` is what the broker takes, `value_bytes` what the codec takes: a record between the two becomes
    a dead letter with its reason instead of an error at a producer that nobody watches.
    """

    name: str
    record: type[r.Record] | None
    key: str
    policy: str
    retention_ms: int | None = None
    value_bytes: int = 64 * KIB
    max_bytes: int = _MIB
    partitions: int | None = None
    internal: bool = False
    ts_rule: TsRule = "none"
    verb: str = "recorded"
    config: dict[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def entity(self) -> str:
        """The name without `ads.` and the major version: `creative.request`."""
        return self.name.removeprefix("ads.").rpartition(".v")[0]

    @property
    def major(self) -> str:
        """The major version in the name, without `v`."""
        return self.name.rpartition(".v")[2]

    @property
    def ce_type(self) -> str:
        """CloudEvents type of its records: `ads.<entity>.<verb>.v<major>`."""
        return f"ads.{self.entity}.{self.verb}.v{self.major}"

    @property
    def withdrawn_type(self) -> str:
        """CloudEvents type of the null that withdraws a key."""
        return f"ads.{self.entity}.withdrawn.v{self.major}"

    @property
    def compacted(self) -> bool:
        """Compacted topics take a null value: it withdraws the key."""
        return "compact" in self.policy


def _delete(name: str, record: type[r.Record] | None, key: str, days: int, **more: Any) -> TopicSpec:
    return TopicSpec(name, record, key, "delete", days * DAY_MS, **more)


def _event(name: str, record: type[r.Record]) -> TopicSpec:
    return _delete(name, record, "user", 14, ts_rule="window")


def _compact(name: str, record: type[r.Record] | None, key: str, **more: Any) -> TopicSpec:
    return TopicSpec(name, record, key, "compact", **more)


MAX_LAG: Final = {"max.compaction.lag.ms": str(DAY_MS)}
COMPARED: Final = {"min.compaction.lag.ms": str(7 * DAY_MS)}
"""A version stays this long after the next: who starts meanwhile sees what was left out, and 7 d after that
nothing that was made of it lives."""
CREATIVE_CONFIG: Final = {**MAX_LAG, "delete.retention.ms": str(2 * DAY_MS)}
CHANGELOG_CONFIG: Final = {
    **MAX_LAG,
    "min.compaction.lag.ms": str(HOUR_MS),
    "delete.retention.ms": str(DAY_MS),
}

IMPRESSION = _event("ads.impression.v1", r.Impression)
CLICK = _event("ads.click.v1", r.Click)
CONVERSION = _event("ads.conversion.v1", r.Conversion)
BEHAVIOR = _event("ads.behavior.v1", r.Behavior)
CONSENT = _compact("ads.consent.v1", r.Consent, "user", ts_rule="not_ahead", verb="stated", config=MAX_LAG)
PRIVACY_REQUEST = _delete("ads.privacy.request.v1", r.PrivacyRequest, "user", 30, verb="made")
IDENTITY = _compact(
    "ads.identity.v1", r.IdentityLink, "user", ts_rule="not_ahead", verb="stated", config=MAX_LAG
)
PARTNER = _compact(
    "ads.partner.v1", r.PartnerSummary, "receiver|sender", internal=True, verb="told", config=MAX_LAG
)
CREATIVE = TopicSpec(
    "ads.creative.v1",
    r.Creative,
    "audience|campaign|slot",
    "compact,delete",
    7 * DAY_MS,
    256 * KIB,
    verb="published",
    config=CREATIVE_CONFIG,
)
AUDIENCE = _compact("ads.audience.v1", r.AudienceSegment, "user", verb="placed", config=MAX_LAG)
CAMPAIGN = _compact(
    "ads.campaign.v1",
    r.Campaign,
    "campaign_id",
    value_bytes=_MIB - 8 * KIB,
    verb="changed",
    config=COMPARED,
)
CATALOG = _compact("ads.catalog.v1", r.CatalogItem, "item_id", verb="changed")
REVIEW = _compact("ads.review.v1", r.Review, "creative_id or template_id", verb="given")
REVOCATION = _compact("ads.revocation.v1", r.Revocation, "kind|id", partitions=1, verb="stated")
COPY = _compact(
    "ads.copy.v1",
    r.CopyEntry,
    "campaign|item|slot|locale|style|number",
    internal=True,
    verb="judged",
    config=MAX_LAG,
)
REQUEST = _delete("ads.creative.request.v1", r.CreativeRequest, "user", 1, internal=True, verb="made")
GENERATION = _delete(
    "ads.generation.v1", r.GenerationResult, "user", 30, internal=True, value_bytes=256 * KIB, verb="ended"
)
RENDER_REQUEST = _delete(
    "ads.render.request.v1",
    r.RenderRequest,
    "audience|campaign|slot",
    1,
    internal=True,
    verb="made",
    value_bytes=320 * KIB,
)
OUTCOME = TopicSpec(
    "ads.outcome.v1",
    r.Outcome,
    "source partition|cell|window",
    "compact,delete",
    8 * DAY_MS,
    internal=True,
    verb="counted",
)
EXPERIMENT = _compact("ads.experiment.v1", r.ExperimentRecord, "experiment_id", partitions=1)
EXPOSURE = _delete("ads.exposure.v1", r.Exposure, "user", 30, internal=True, verb="settled")
WITHDRAWAL = _delete("ads.withdrawal.v1", r.Withdrawal, "user", 30, internal=True, verb="heard")
CREATIVE_METRIC = TopicSpec(
    "ads.creative.metric.v1",
    r.CreativeMetric,
    "campaign|template|arm|slot|segment|window",
    "compact,delete",
    30 * DAY_MS,
    verb="measured",
)
ARM = _compact("ads.arm.v1", r.ArmPosterior, "campaign|slot|arm", partitions=1, internal=True, verb="updated")
TRIGGER = _compact(
    "ads.trigger.v1", r.TriggerCount, "source partition", partitions=1, internal=True, verb="counted"
)
INPUT = _compact(
    "ads.input.v1", r.InputCounts, "source partition", partitions=1, internal=True, verb="counted"
)
ARTIFACT = _compact(
    "ads.artifact.v1",
    r.ArtifactRecord,
    "kind|version|part",
    partitions=1,
    internal=True,
    value_bytes=_MIB - 8 * KIB,
    verb="published",
)
PRIVACY_ACK = _delete(
    "ads.privacy.ack.v1", r.PrivacyAck, "request_id", 30, value_bytes=256 * KIB, verb="given"
)
DEAD = _delete("ads.dead.v1", None, "original key", 7, verb="refused")

USER_TOPICS: Final = (
    IMPRESSION, CLICK, CONVERSION, BEHAVIOR, CONSENT, PRIVACY_REQUEST, CREATIVE, GENERATION,
)  # fmt: skip
"""What the profile agent reads, in the order of models.event.layout.SOURCES."""
LINK_TOPICS: Final = (IDENTITY, PARTNER)
"""And what it reads without a fence: each record says all of its key and how new it is."""

ALL_TOPICS: Final = (
    *USER_TOPICS, *LINK_TOPICS, AUDIENCE, CAMPAIGN, CATALOG, REVIEW, REVOCATION, EXPERIMENT, COPY, REQUEST,
    RENDER_REQUEST, EXPOSURE, WITHDRAWAL, OUTCOME, CREATIVE_METRIC, ARM, TRIGGER, INPUT, ARTIFACT,
    PRIVACY_ACK, DEAD,
)  # fmt: skip

BY_NAME: Final = {spec.name: spec for spec in ALL_TOPICS}

WRITTEN: Final = frozenset(
    spec.name
    for spec in (
        PARTNER,
        CREATIVE,
        AUDIENCE,
        REVOCATION,
        EXPERIMENT,
        COPY,
        REQUEST,
        RENDER_REQUEST,
        GENERATION,
        EXPOSURE,
        WITHDRAWAL,
        OUTCOME,
        CREATIVE_METRIC,
        ARM,
        TRIGGER,
        INPUT,
        ARTIFACT,
        PRIVACY_ACK,
        DEAD,
    )
)
"""Topics that Shiftcast itself writes; the others are written by its users' systems."""

PERSONAL: Final = (
    IMPRESSION, CLICK, CONVERSION, BEHAVIOR, CONSENT, PRIVACY_REQUEST, PRIVACY_ACK, CREATIVE, GENERATION,
    IDENTITY, PARTNER, AUDIENCE, REQUEST, RENDER_REQUEST, EXPOSURE, WITHDRAWAL, DEAD,
)  # fmt: skip
"""Topics whose keys or records name a user: an erasure says of each what becomes of it."""

PER_USER: Final = frozenset(
    spec.name for spec in (*USER_TOPICS, *LINK_TOPICS, AUDIENCE, REQUEST, EXPOSURE, WITHDRAWAL)
)
"""Topics whose partition is murmur2(user) mod n; a record elsewhere is in the wrong partition."""


TABLES: Final = ("profiles", "feedback")
"""Apps that have one."""


def changelog(app_prefix: str, app: str = TABLES[0]) -> TopicSpec:
    """Changelog of an app's one table; its name is what Faust derives from app id and table name."""
    return _compact(
        f"{app_prefix}-{app}-rows-changelog",
        None,
        "row",
        value_bytes=16 * _MIB,
        max_bytes=16 * _MIB,
        internal=True,
        config=CHANGELOG_CONFIG,
    )
