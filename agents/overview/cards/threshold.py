"""Where the detector's threshold stands and who set it, for the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from streams.artifacts.catalog_version import manifest_part
from streams.artifacts.detector import DetectorPart, ThresholdOrigin, detector_part
from streams.artifacts.kinds import CATALOG_KIND, DETECTOR, MANIFEST_PART, DamagedError
from streams.records import ArtifactRecord, Record
from streams.topics import TopicSpec
from streams.wire.codecs import Headers

_PREFIX: Final = f"{DETECTOR}|".encode()
_CATALOG_PREFIX: Final = f"{CATALOG_KIND}|".encode()
_MANIFEST: Final = f"|{MANIFEST_PART}".encode()


@dataclass
class ThresholdInForce:
    """What a Follower of ads.artifact.v1 keeps up to date: the settings of the newest catalogue version, and
    until some are published those that it came with; `told` is None before the first."""

    version: int = 0
    told: dict[str, Any] | None = None
    part: DetectorPart | None = None

    def wants(self, _spec: TopicSpec, key: bytes | None) -> bool:
        """Detector settings and manifests alone are decoded."""
        key = key or b""
        return key.startswith(_PREFIX) or (key.startswith(_CATALOG_PREFIX) and key.endswith(_MANIFEST))

    def on_record(
        self, _spec: TopicSpec, _key: str, record: Record | None, _headers: Headers, _append_ts: int
    ) -> None:
        """What is neither, damaged, or of an older version says nothing."""
        if not isinstance(record, ArtifactRecord) or record.version < self.version:
            return
        try:
            if record.kind == DETECTOR:
                part = detector_part(record)
                self._tell(record.version, part.settings.threshold, part.origin)
                self.part = part
            elif record.version > self.version:
                self._tell(record.version, manifest_part(record).detector["threshold"], ThresholdOrigin())
                self.part = None
        except (DamagedError, KeyError):
            return

    def _tell(self, version: int, threshold: float, origin: ThresholdOrigin) -> None:
        self.version = version
        self.told = {
            "threshold": round(threshold, 2),
            "source": origin.source,
            "wanted_per_1000": origin.wanted_per_1000 or None,
            "seen_per_1000": origin.seen_per_1000,
        }
