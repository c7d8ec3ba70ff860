"""Good records of every topic as they travel, to be broken in tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from streams.topics import (
    ALL_TOPICS,
    TopicSpec,
)
from streams.wire.codecs import record_key_of

GOLDEN = Path(__file__).parents[2] / "golden" / "wire"
NOW = 1_795_291_200_000
USER = b"9f2c1d7e0011aabb"
DAY_MS = 86_400_000
TYPED = tuple(spec for spec in ALL_TOPICS if spec.record is not None)


def golden(spec: TopicSpec) -> bytes:
    return (GOLDEN / f"{spec.name}.0.json").read_bytes()


def golden_key(spec: TopicSpec) -> bytes:
    assert spec.record is not None
    return record_key_of(spec, msgspec.json.decode(golden(spec), type=spec.record)) or USER


def click(**changes: Any) -> bytes:
    return json.dumps({"id": "e1", "ts": NOW, "user": USER.decode(), **changes}).encode()
