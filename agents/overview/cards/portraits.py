"""The portraits of groups of users, for operators: names, sizes and habits of groups, nobody's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from agents.portraits.telling import told_portraits
from streams.artifacts.kinds import PORTRAITS, DamagedError
from streams.artifacts.portraits import portraits_part
from streams.records import ArtifactRecord, Record
from streams.topics import TopicSpec
from streams.wire.codecs import Headers

_PREFIX: Final = f"{PORTRAITS}|".encode()
NONE_YET: Final[dict[str, Any]] = {"groups": []}


@dataclass
class PortraitGallery:
    """What a Follower of ads.artifact.v1 keeps up to date: those of the newest catalogue version that has
    some."""

    version: int = 0
    told: dict[str, Any] | None = None

    def wants(self, _spec: TopicSpec, key: bytes | None) -> bool:
        """Portraits alone are decoded."""
        return (key or b"").startswith(_PREFIX)

    def on_record(
        self, _spec: TopicSpec, key: str, record: Record | None, _headers: Headers, _append_ts: int
    ) -> None:
        """Older ones and damaged ones say nothing; those that are shown go when they are withdrawn."""
        if record is None and key.split("|")[1:2] == [str(self.version)]:
            self.told = None
        if not isinstance(record, ArtifactRecord) or record.version < self.version:
            return
        try:
            self.told = told_portraits(portraits_part(record), record.version)
        except DamagedError:
            return
        self.version = record.version
