"""The campaigns on the broker: is one active, and what in them was probably meant otherwise?"""

from __future__ import annotations

import json

from agents.checks.finding import CheckFinding
from models.catalog.version import Catalog
from models.mistakes.known import KnownItems
from streams.broker.follow import read_topics
from streams.settings import Settings
from streams.topics import CAMPAIGN
from streams.wire.campaign_mistakes import mistakes_of
from streams.wire.codecs import WireLimits, decode
from streams.wire.refusals import Rejected

_REPAIR = "send it again with a higher version; `shiftcast campaign check FILE` says all this before"


async def sent_campaigns(settings: Settings, catalog: Catalog | None) -> list[CheckFinding]:
    """The newest of each id, judged as of when it was sent."""
    newest: dict[bytes, tuple[bytes, int]] = {}
    async for record in read_topics(settings, [CAMPAIGN.name]):
        try:
            decoded = decode(
                CAMPAIGN, record.value, record.key, record.headers, record.timestamp, WireLimits()
            )
        except Rejected:
            continue
        newest.pop(record.key, None)
        if decoded is not None:
            newest[record.key] = record.value, record.timestamp
    return campaign_findings(list(newest.values()), catalog)


def campaign_findings(sent: list[tuple[bytes, int]], catalog: Catalog | None) -> list[CheckFinding]:
    """Of (JSON, append time) of each campaign. Without an active one every request ends as no_match."""
    known = None if catalog is None else KnownItems.of(catalog.items, len(catalog.segments))
    campaigns = [(json.loads(value), sent_ms) for value, sent_ms in sent]
    active = sum(value["status"] == "active" for value, _ in campaigns)
    found = [CheckFinding("ok", "campaigns", f"{active} active of {len(campaigns)}")]
    if not active:
        text = "none is active: every request will end as no_match"
        found = [
            CheckFinding("warning", "campaigns", text, "send ads.campaign.v1 records with status active")
        ]
    for value, sent_ms in campaigns:
        for each in mistakes_of(value, known, sent_ms):
            found.append(CheckFinding("warning", f"campaign {value['campaign_id']}", str(each), _REPAIR))
    return found
