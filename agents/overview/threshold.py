"""Where the detector's threshold stands and who set it, for the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from streams.artifacts.detector import detector_part
from streams.artifacts.kinds import DETECTOR, DamagedError
from streams.records import ArtifactRecord, Record
from streams.topics import TopicSpec
from streams.wire.codecs import Headers

_PREFIX: Final = f"{DETECTOR}|".encode()


@dataclass
class ThresholdInForce:
    """What a Follower of ads.artifact.v1 keeps up to date: the settings of the newest catalogue version;
    `told` is None before the first."""

    version: int = 0
    told: dict[str, Any] | None = None

    def wants(self, _spec: TopicSpec, key: bytes | None) -> bool:
        """Detector settings alone are decoded."""
        return (key or b"").startswith(_PREFIX)

    def on_record(
        self, _spec: TopicSpec, _key: str, record: Record | None, _headers: Headers, _append_ts: int
    ) -> None:
        """What is no detector settings, damaged, or of an older version says nothing."""
        if not isinstance(record, ArtifactRecord) or record.kind != DETECTOR or record.version < self.version:
            return
        try:
            part = detector_part(record)
        except DamagedError:
            return
        self.version = record.version
        self.told = {
            "threshold": round(part.settings.threshold, 2),
            "source": part.origin.source,
            "wanted_per_1000": part.origin.wanted_per_1000 or None,
            "seen_per_1000": part.origin.seen_per_1000,
        }
