"""Which shared creative stands under an audience key, as a record."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from streams.artifacts.kinds import SHARED, checked_artifact, damage_of, summed
from streams.records import ArtifactRecord


@dataclass(frozen=True)
class SharedCreative:
    """The creative that stands under a shared audience key, and what its exposures are counted under."""

    creative_id: str
    campaign_id: str
    slot: str
    segment: str
    template_id: str
    arm: str
    propensity: float
    expires_ms: int
    item_id: str | None = None
    created_ms: int = 0  # not known: long ago
    picture: str = ""  # address of its own picture
    pictures: tuple[str, ...] = ()  # ids of what that shows


def shared_record(audience_key: str, shared: SharedCreative) -> ArtifactRecord:
    """The record that tells profile workers of a shared creative; `audience_key` = its key on
    ads.creative.v1."""
    return summed(SHARED, 0, audience_key, msgspec.to_builtins(shared))


def shared_part(record: ArtifactRecord) -> SharedCreative:
    """The shared creative of a record. Raises DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        return msgspec.convert(data, SharedCreative)
