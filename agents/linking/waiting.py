"""Links that wait for their other half: statements on ads.identity.v1 that the partner does not return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from streams.broker.reading import read_records
from streams.records import IdentityLink
from streams.settings import Settings
from streams.topics import IDENTITY


class Statement(NamedTuple):
    """What a user states."""

    partner: str
    stated_ms: int  # append time


async def read_statements(settings: Settings) -> dict[str, Statement]:
    """What each user stated last, withdrawn ones left out. Raises KafkaError."""
    found: dict[str, Statement] = {}
    async for _, raw, said in read_records(settings, [IDENTITY]):
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
