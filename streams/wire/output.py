"""One record that leaves the process: made by pure code, sent by streams.broker.producer."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Output:
    """`partition` None = murmur2 of the key (Java's default); `timestamp_ms` None = the broker's or the
    client's clock."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    timestamp_ms: int | None = None


ChangelogRow = tuple[bytes, bytes | None]
"""Key and value of a row for the changelog; None = the row is gone."""
