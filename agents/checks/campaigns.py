"""The campaigns on the broker: is one active, and what in them was probably meant otherwise?"""

from __future__ import annotations

import msgspec
import orjson

from agents.checks.finding import CheckFinding
from models.catalog.version import Catalog
from models.intent.understanding import USUAL_GOAL, understanding_words
from models.mistakes.known import KnownItems
from streams.mapping.campaign_mistakes import mistakes_of
from streams.mapping.campaigns import goal_of
from streams.records.campaigns import Campaign

_REPAIR = "send it again with a higher version; `shiftcast campaign check FILE` says all this before"


def campaign_findings(
    sent: list[tuple[bytes, int]], catalog: Catalog | None, http_assets: bool = False
) -> list[CheckFinding]:
    """Of (JSON, append time) of each campaign; `http_assets` as the settings say. Without an
    active one every request ends as no_match."""
    known = None if catalog is None else KnownItems.of(catalog.items, len(catalog.segments))
    campaigns = [(orjson.loads(value), sent_ms) for value, sent_ms in sent]
    active = sum(value["status"] == "active" for value, _ in campaigns)
    found = [CheckFinding("ok", "campaigns", f"{active} active of {len(campaigns)}")]
    if not active:
        text = "none is active: every request will end as no_match"
        found = [
            CheckFinding("warning", "campaigns", text, "send ads.campaign.v1 records with status active")
        ]
    for value, sent_ms in campaigns:
        for each in mistakes_of(value, known, sent_ms, http_assets):
            found.append(CheckFinding("warning", f"campaign {value['campaign_id']}", str(each), _REPAIR))
        found += _goal_findings(value)
    return found


def _goal_findings(value: object) -> list[CheckFinding]:
    """Of a campaign that does not state its goal and whose brief makes it another than the usual one."""
    try:
        campaign = msgspec.convert(value, Campaign)
    except msgspec.ValidationError:
        return []  # told by its mistakes
    of = goal_of(campaign)
    if of.stated or of.goal == USUAL_GOAL:
        return []
    text = f"goal is not stated; it earns by {understanding_words(of)}"
    repair = (
        f'to keep another, send it again with "goal" and a higher version, such as "goal": "{USUAL_GOAL}"'
    )
    return [CheckFinding("warning", f"campaign {campaign.campaign_id}", text, repair)]
