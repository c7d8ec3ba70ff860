"""Which copywriter writes, told to all workers: records of kind `copywriter` on ads.artifact.v1, one per
role, the newest counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from models.release import Release
from streams import topics
from streams.artifacts.kinds import COPYWRITER_KIND, artifact_key, checked_artifact, damage_of, summed
from streams.records import ArtifactRecord
from streams.wire.codecs import encode, headers
from streams.wire.output import Output

CURRENT: Final = "current"
SHADOW: Final = "shadow"
"""Roles: what writes, and what writes beside it, measured and not published."""
TRIAL: Final = "trial:"
"""Begins the role of what writes for an arm of an experiment; its NAME/VERSION follows."""
_KEY: Final = f"{COPYWRITER_KIND}|0|"


@dataclass(frozen=True, slots=True)
class Announced:
    """A release in a role since a moment (Unix ms); `share` of requests that a shadow writes for."""

    release: Release
    since_ms: int
    share: float = 1.0


def announcement(role: str, said: Announced) -> ArtifactRecord:
    """The record that announces."""
    release = said.release
    data = {"name": release.name, "version": release.version, "manifest_sha256": release.sha256}
    return summed(COPYWRITER_KIND, 0, role, {**data, "since": said.since_ms, "share": said.share})


def announced(record: ArtifactRecord) -> Announced:
    """What a record announces. Raises streams.artifacts.kinds.DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        release = Release(str(data["name"]), str(data["version"]), str(data["manifest_sha256"]))
        share = float(data["share"])
        if not 0 < share <= 1:
            raise ValueError(f"share {share} is not in (0, 1]")
        return Announced(release, int(data["since"]), share)


def announcement_output(role: str, said: Announced | None, now_ms: int) -> Output:
    """The record for the topic; None withdraws what was announced for the role."""
    key = _KEY + role
    value = None
    if said is not None:
        record = announcement(role, said)
        assert artifact_key(record) == key
        value = encode(record)
    return Output(
        topics.ARTIFACT.name,
        key.encode(),
        value,
        0,
        headers(topics.ARTIFACT.ce_type, f"{key}@{now_ms}", now_ms),
    )
