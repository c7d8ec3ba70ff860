"""`shiftcast check` reads each topic that generators follow once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace

import msgspec
import pytest

from agents.checks import followed
from streams import records as r
from streams.settings import Settings
from streams.topics import CAMPAIGN


def test_each_topic_is_read_once_and_campaigns_come_as_they_were_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def sent(key: str, value: bytes | None, at_ms: int) -> SimpleNamespace:
        return SimpleNamespace(
            topic=CAMPAIGN.name, key=key.encode(), value=value, headers=(), timestamp=at_ms, partition=0
        )

    def body(id: str, version: int) -> bytes:
        return msgspec.json.encode(r.Campaign(id, version, "active", r.Advertiser("A")))

    async def read(_: Settings, names: Sequence[str], **__: object) -> AsyncIterator[SimpleNamespace]:
        asked.extend(names)
        for each in (
            sent("c1", body("c1", 1), 1),
            sent("c2", body("c2", 1), 2),
            sent("c3", b"{", 3),
            sent("c1", body("c1", 2), 4),
            sent("c2", None, 5),
        ):
            yield each

    monkeypatch.setattr("streams.broker.reading.read_topics", read)
    found = asyncio.run(followed.read_followed(Settings()))
    assert len(asked) == len(set(asked)) and CAMPAIGN.name in asked
    assert found.campaigns == {b"c1": (body("c1", 2), 4)}
    assert set(found.reference.campaigns) == {"c1"}
