"""Artefact records on their way to ads.artifact.v1: stored in order, withdrawn by key."""

from __future__ import annotations

from xxhash import xxh3_64_hexdigest

from streams.artifacts.kinds import artifact_key
from streams.records import ArtifactRecord
from streams.topics import ARTIFACT
from streams.wire.codecs import encode, headers
from streams.wire.output import Output


def artifact_output(record: ArtifactRecord, now_ms: int) -> Output:
    """One record for the topic; equal records have equal event ids."""
    key, value = artifact_key(record).encode(), encode(record)
    return Output(ARTIFACT.name, key, value, 0, _stamped(key + value, now_ms))


def artifact_withdrawal(key: str, now_ms: int) -> Output:
    """The null that takes a key back."""
    raw = key.encode()
    return Output(ARTIFACT.name, raw, None, 0, _stamped(raw, now_ms))


def _stamped(content: bytes, now_ms: int) -> list[tuple[str, bytes]]:
    return headers(ARTIFACT.ce_type, f"artifact:{xxh3_64_hexdigest(content)}", now_ms)
