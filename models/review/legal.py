"""What must be said beside every copy of a campaign is a statement of its own: topics, offers and addresses
may stand there. What a market's rules forbid whoever states it may not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from models.brief.brief import Brief, Copy
from models.review.finding import ReviewFinding
from models.review.named import named_findings
from models.review.support import support_of
from models.rules import Rules

_OF_ITS_NATURE: Final = frozenset({"CONTACT"})
"""Rules for ads that a legal text breaks as it should."""


def legal_findings(brief: Brief, rules: Rules) -> Iterator[ReviewFinding]:
    """What forbids the legal text of a brief, in the language that it is written in. Nobody writes it anew:
    what would be rewritten elsewhere may stand."""
    locale, text = brief.legal
    if text:
        campaign = Brief(
            "", brief.campaign_id, "native", brief.brand, "", "", locale=locale,
            facts=brief.facts, claims=brief.claims, must_use=brief.must_use,
        )  # fmt: skip
        yield from _findings(campaign, text, rules)


@lru_cache(maxsize=1024)  # one campaign has many drafts
def _findings(campaign: Brief, text: str, rules: Rules) -> tuple[ReviewFinding, ...]:
    found = named_findings(Copy("", text, ""), _forbidding(rules), support_of(campaign, text))
    return tuple(replace(each, field="legal") for each in found if each.severity == "block")


@lru_cache(maxsize=64)
def _forbidding(rules: Rules) -> Rules:
    """The rules that no source allows anything from."""
    kept = tuple(each for each in rules.rules if not each.supported and each.code not in _OF_ITS_NATURE)
    return replace(rules, rules=kept)
