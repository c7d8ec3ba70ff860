"""Links that wait for their other half: statements on ads.identity.v1 that the partner does not return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from streams.broker.follow import read_topics
from streams.records import IdentityLink
from streams.settings import Settings
from streams.topics import IDENTITY
from streams.wire.codecs import WireLimits, decode
from streams.wire.refusals import Rejected


class Statement(NamedTuple):
    """What a user states."""

    partner: str
    stated_ms: int  # append time


async def read_statements(settings: Settings) -> dict[str, Statement]:
    """What each user stated last, withdrawn ones left out. Raises KafkaError."""
    found: dict[str, Statement] = {}
    async for raw in read_topics(settings, [IDENTITY.name]):
        try:
            said = decode(IDENTITY, raw.value, raw.key, raw.headers, raw.timestamp, WireLimits())
        except Rejected:
            continue
        user = raw.key.decode()
        found.pop(user, None)
        if isinstance(said, IdentityLink):
            found[user] = Statement(said.partner, raw.timestamp)
    return found


def waiting_of(statements: Mapping[str, Statement]) -> dict[str, Statement]:
    """Those that the partner does not state too, oldest first."""
    waiting = [
        (user, said)
        for user, said in statements.items()
        if said.partner not in statements or statements[said.partner].partner != user
    ]
    return dict(sorted(waiting, key=lambda each: (each[1].stated_ms, each[0])))
