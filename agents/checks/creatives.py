"""What running campaigns leave blank or unsaid, by the rules of the workers and from what they follow."""

from __future__ import annotations

from agents.checks.finding import CheckFinding
from agents.creatives.declarations import undeclared
from agents.creatives.reference import GeneratorReference
from agents.shelf.blanks import find_blanks
from agents.shelf.defaults import settled_shelf
from agents.shelf.sharing import BestItems
from models.rules import load_rules


def creative_findings(reference: GeneratorReference, now_ms: int) -> list[CheckFinding]:
    """A warning per slot without a default creative and per thing that a running campaign does not
    declare."""
    matcher = reference.snapshot().matcher
    if matcher is None:
        return []
    best = BestItems(matcher, now_ms)
    found: list[CheckFinding] = []
    for campaign in matcher.campaigns.values():
        if not campaign.running(now_ms):
            continue
        rows = best.of(campaign.campaign_id)
        shelf = settled_shelf(matcher.catalog, campaign, rows, now_ms, reference.is_refused, load_rules)
        blanks = find_blanks(campaign, shelf, rows, now_ms)
        found += [
            CheckFinding(
                "warning", "default creatives", str(each), "change template, row or brief; send it again"
            )
            for each in blanks
        ]
        found += [
            CheckFinding(
                "warning",
                f"campaign {each.campaign_id}",
                f"no {each.field}: {each.text}",
                f"give {each.wanted}",
            )
            for each in undeclared(campaign)
        ]
    return found or [CheckFinding("ok", "default creatives", "every slot of every running campaign has one")]
