"""Every topic, one line each: name, record, key, policy. `shiftcast topics create` makes them so; `shiftcast check` compares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from streams import records as r

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000


@dataclass(frozen=True)
class TopicSpec:
    """One topic. `partitions` None = the partition setting; a number = that many whatever the setting."""

    name: str
    record: type[r.Record] | None
    key: str
    policy: str
    retention_ms: int | None = None
    max_bytes: int = 65_536 + 4_096
    partitions: int | None = None
    internal: bool = False
    config: dict[str, str] = field(default_factory=dict)


def _delete(name: str, record: type[r.Record] | None, key: str, days: int, **more: object) -> TopicSpec:
    return TopicSpec(name, record, key, "delete", days * DAY_MS, **more)  # type: ignore[arg-type]


def _compact(name: str, record: type[r.Record], key: str, **more: object) -> TopicSpec:
    return TopicSpec(name, record, key, "compact", **more)  # type: ignore[arg-type]


MAX_LAG: Final = {"max.compaction.lag.ms": str(DAY_MS)}
CREATIVE_CONFIG: Final = {**MAX_LAG, "delete.retention.ms": str(2 * DAY_MS)}

IMPRESSION = _delete("ads.impression.v1", r.Impression, "user", 14)
CLICK = _delete("ads.click.v1", r.Click, "user", 14)
CONVERSION = _delete("ads.conversion.v1", r.Conversion, "user", 14)
BEHAVIOR = _delete("ads.behavior.v1", r.Behavior, "user", 14)
CONSENT = _compact("ads.consent.v1", r.Consent, "user", config=MAX_LAG)
PRIVACY_REQUEST = _delete("ads.privacy.request.v1", r.PrivacyRequest, "user", 30)
CREATIVE = TopicSpec("ads.creative.v1", r.Creative, "audience|campaign|slot", "compact,delete", 7 * DAY_MS, 262_144, config=CREATIVE_CONFIG)
CAMPAIGN = _compact("ads.campaign.v1", r.Campaign, "campaign_id", max_bytes=1_048_576)
CATALOG = _compact("ads.catalog.v1", r.CatalogItem, "item_id")
REVIEW = _compact("ads.review.v1", r.Review, "creative_id or template_id")
REQUEST = _delete("ads.creative.request.v1", r.CreativeRequest, "user", 1, internal=True)
GENERATION = _delete("ads.generation.v1", r.GenerationResult, "user", 30, internal=True, max_bytes=262_144)
OUTCOME = TopicSpec("ads.outcome.v1", r.Outcome, "source partition|cell|window", "compact,delete", 8 * DAY_MS, internal=True)
ARM = _compact("ads.arm.v1", r.ArmPosterior, "campaign|slot|arm", partitions=1, internal=True)
ARTIFACT = _compact("ads.artifact.v1", r.ArtifactRecord, "kind|version|part", partitions=1, internal=True, max_bytes=1_048_576)
PRIVACY_ACK = _delete("ads.privacy.ack.v1", r.PrivacyAck, "request_id", 30, max_bytes=262_144)
DEAD = _delete("ads.dead.v1", None, "original key", 7, max_bytes=131_072)

EVENTS: Final = (IMPRESSION, CLICK, CONVERSION, BEHAVIOR, CONSENT, PRIVACY_REQUEST, CREATIVE)
"""What the profile agent reads, in the order of models.event.SOURCES."""

ALL: Final = (
    *EVENTS, CAMPAIGN, CATALOG, REVIEW, REQUEST, GENERATION, OUTCOME, ARM, ARTIFACT, PRIVACY_ACK, DEAD,
)  # fmt: skip
