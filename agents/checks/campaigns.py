"""The campaigns on the broker: is one active, and what in them was probably meant otherwise?"""

from __future__ import annotations

import json

from agents.checks.finding import CheckFinding
from models.catalog.version import Catalog
from models.mistakes.known import KnownItems
from streams.mapping.campaign_mistakes import mistakes_of

_REPAIR = "send it again with a higher version; `shiftcast campaign check FILE` says all this before"


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
