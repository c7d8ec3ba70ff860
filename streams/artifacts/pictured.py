"""The pictures that were drawn for a shared creative, as a record: whoever keeps the shelf hangs them up,
so that one worker alone says what stands under a shared key."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from streams.artifacts.kinds import PICTURED, checked_artifact, damage_of, summed
from streams.records import ArtifactRecord, Asset


@dataclass(frozen=True)
class Pictured:
    """What a version of a creative is answered with; no assets: it could not be drawn. `drawn_of` = digest of
    what a picture shows, `kept_ms`: until then the files are there."""

    creative_id: str
    version: int
    drawn_of: str
    kept_ms: int
    assets: list[Asset] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the first file is had, '' without one."""
        return self.assets[0].url if self.assets else ""


def pictured_record(creative_key: str, pictured: Pictured) -> ArtifactRecord:
    """The record that tells of the pictures of a shared creative; `creative_key` = its key on
    ads.creative.v1."""
    return summed(PICTURED, 0, creative_key, msgspec.to_builtins(pictured))


def pictured_part(record: ArtifactRecord) -> Pictured:
    """The pictures of a record. Raises DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        return msgspec.convert(data, Pictured)
