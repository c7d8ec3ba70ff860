"""What is wrong with a campaign's templates before any is filled: status, placeholders, what they state; and
with what must be said beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from models.brief.brief import Brief, Copy
from models.brief.places import alpha_2
from models.campaigns import PLACEHOLDER, PLACEHOLDERS, USABLE_AUDITS, Campaign, Template
from models.review.finding import ReviewFinding
from models.review.judging import review
from models.review.legal import legal_findings
from models.rules import COPY_FIELDS, load_rules

AUDITS: Final = {1: "pending", 2: "pre-approved", 3: "approved", 4: "denied", 5: "changed", 6: "expired"}
"""AdCOM audit status in words."""
NOT_APPROVED: Final = "TEMPLATE_NOT_APPROVED"
UNKNOWN_PLACEHOLDER: Final = "UNKNOWN_PLACEHOLDER"
_OF_THE_ROW: Final = frozenset(
    {"EMPTY", "UNFINISHED", "GIMMICK", "LENGTH", "MISSING_TERM", "CTA_NOT_APPROVED", "REPEATED"}
)
"""Findings that only a filled template can have."""


@dataclass(frozen=True, slots=True)
class TemplateFinding:
    """One thing that keeps a template from being shown: where, by which rule, and what is allowed."""

    template_id: str
    slot: str
    field: str
    rule: str
    text: str
    allowed: str

    @property
    def usable(self) -> bool:
        """Whether the template may be filled all the same: its words are judged again with each row's."""
        return self.rule not in (NOT_APPROVED, UNKNOWN_PLACEHOLDER)


def check_templates(campaign: Campaign) -> list[TemplateFinding]:
    """Everything in a campaign's templates that keeps them from being filled, or would once they are."""
    return [finding for template in campaign.templates for finding in _check(template, campaign)]


def check_legal(campaign: Campaign) -> list[tuple[str, ReviewFinding]]:
    """What keeps all creatives with a legal text from being published, behind the text's locale."""
    briefs = (replace(_brief("native", each[0], campaign), legal=each) for each in campaign.legal)
    return [
        (brief.locale, finding)
        for brief in briefs
        for finding in legal_findings(brief, load_rules(brief.markets))
    ]


def _check(template: Template, campaign: Campaign) -> Iterator[TemplateFinding]:
    def finding(field: str, rule: str, text: str, allowed: str) -> TemplateFinding:
        return TemplateFinding(template.template_id, template.slot, field, rule, text, allowed)

    if template.audit not in USABLE_AUDITS:
        status = f"{template.audit} ({AUDITS.get(template.audit, 'unknown')})"
        yield finding("audit", NOT_APPROVED, status, "2 or 3, once a person has approved it")
    for name in template.unknown_placeholders:
        field = next(each for each in COPY_FIELDS if name in getattr(template, each))
        known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
        yield finding(field, UNKNOWN_PLACEHOLDER, name, known)
    brief, wording = (
        _brief(template.slot, template.locale, campaign),
        [getattr(template, each) for each in COPY_FIELDS],
    )
    headline, description, cta = (" ".join(PLACEHOLDER.sub(" ", text).split()) for text in wording)
    bare = Copy(headline, description, cta)
    approved = " \n ".join((*wording, headline, description, cta))
    for each in review(bare, brief, load_rules(brief.markets), approved=approved):
        if each.severity == "block" and each.code not in _OF_THE_ROW:
            yield finding(each.field, each.code, each.text, each.citation)


def _brief(slot: str, locale: str, campaign: Campaign) -> Brief:
    """What the campaign states, of no item."""
    return Brief(
        request_id="",
        campaign_id=campaign.campaign_id,
        slot=slot,
        locale=locale,
        brand=campaign.brand,
        title="",
        noun="",
        facts=campaign.facts,
        must_use=campaign.must_use,
        avoid=campaign.avoid,
        claims=campaign.claims,
        ctas=campaign.ctas,
        geo=tuple(filter(None, map(alpha_2, campaign.geo))),
    )
