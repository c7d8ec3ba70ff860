"""The newest click model's figures, as anyone may see them: no user, no weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streams.artifacts.click_model import manifest_of
from streams.artifacts.kinds import CLICK_MODEL, MANIFEST_PART, DamagedError
from streams.records import ArtifactRecord, Record
from streams.topics import TopicSpec
from streams.wire.codecs import Headers


@dataclass
class ClickModelCard:
    """What a Follower of ads.artifact.v1 keeps up to date; `told` is None before the first version."""

    told: dict[str, Any] | None = None

    def wants(self, _spec: TopicSpec, key: bytes | None) -> bool:
        """Manifests alone are decoded."""
        kind, _, rest = (key or b"").decode(errors="replace").partition("|")
        return kind == CLICK_MODEL and rest.endswith(MANIFEST_PART)

    def on_record(
        self, _spec: TopicSpec, _key: str, record: Record | None, _headers: Headers, _append_ts: int
    ) -> None:
        """The newest version counts; one that is damaged is passed over."""
        if not isinstance(record, ArtifactRecord):
            return
        if self.told is not None and record.version <= self.told["version"]:
            return
        try:
            manifest = manifest_of(record)
        except DamagedError:
            return
        self.told = {
            "version": record.version, "made_ms": manifest.made_ms, "exposures": manifest.exposures,
            "clicks": manifest.clicks, "click": manifest.click._asdict(),
            "conversion": manifest.conversion._asdict(),
        }  # fmt: skip
