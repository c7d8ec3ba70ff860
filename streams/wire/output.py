"""One record that leaves the process: made by pure code, sent by streams.broker.producer."""

from __future__ import annotations

import msgspec


class Output(msgspec.Struct, frozen=True):
    """`partition` None = murmur2 of the key (Java's default); `timestamp_ms` None = the broker's or the
    client's clock; `waits`: nobody is in a hurry for it, so that it may leave with others, by the next flush
    of its lane."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: list[tuple[str, bytes]] = []
    timestamp_ms: int | None = None
    waits: bool = False


ChangelogRow = tuple[bytes, bytes | None]
"""Key and value of a row for the changelog; None = the row is gone."""
