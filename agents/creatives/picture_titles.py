"""Whether a picture may have the item's title for its headline: a title comes from a feed, and nobody has
reviewed it as a headline. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from agents.creatives.briefs import brief_without_user
from models.brief.brief import Brief, Copy
from models.campaigns import Campaign
from models.item import Item
from models.review.judging import load_rules, review
from models.text.sentences import without_saying
from streams import records as r

_FORM: Final = frozenset({"LENGTH", "EMPTY"})
"""Pictures set what fits, and do without a description that says the title alone."""


def title_of(creative: r.Creative, campaign: Campaign, item: Item) -> str:
    """The item's title, where review would let the creative have it as headline, above what its description
    says beside it; else ''."""
    said = creative.copy
    copy = Copy(item.title, without_saying(item.title, said.description), said.cta, said.brand or "")
    brief = brief_without_user("", campaign, item, creative.slot, creative.lang)
    return item.title if _passes(copy, brief, f"{said.description} \n {said.cta}") else ""


@lru_cache(maxsize=1024)
def _passes(copy: Copy, brief: Brief, reviewed: str) -> bool:
    """What was `reviewed` may be said; the shelf asks for the same pictures time and again."""
    findings = review(copy, brief, load_rules(brief.markets), approved=reviewed)
    return all(each.severity == "warn" or each.code in _FORM for each in findings)
