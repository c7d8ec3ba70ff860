"""Why a campaign, template, creative or picture must not be shown, as the reference data say. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agents.creatives.reference import DENIED, GeneratorReference, Verdict
from models.campaigns import USABLE_AUDITS, Campaign
from models.revocations import template_in
from streams.wire.ids import PICTURE_ID, is_creative_id

CHANGED: Final = "changed"
"""Why what was made before a change is revoked."""


@dataclass(frozen=True, slots=True)
class CauseFound:
    """What is known of one id: the reason why it is revoked, None = it may be shown; and since when.
    `lasting`: so is what is made from it later; else only what was made before."""

    kind: str
    id: str
    reason: str | None
    since_ms: int
    lasting: bool = True


def campaign_causes(reference: GeneratorReference, now_ms: int) -> Iterator[CauseFound]:
    """What is known of campaigns, which time alone may end."""
    for campaign_id in _campaign_ids(reference):
        yield _of_campaign(
            campaign_id,
            reference.campaigns.get(campaign_id),
            reference.campaign_changed_ms.get(campaign_id, now_ms),
            reference.narrowed_ms.get(campaign_id),
            now_ms,
        )


def review_findings(reference: GeneratorReference) -> Iterator[CauseFound]:
    """What is known of templates, creatives and pictures."""
    yield from (_of_verdict(id, verdict) for id, verdict in reference.verdicts.items())
    yield from _of_templates(reference)


def _campaign_ids(reference: GeneratorReference) -> set[str]:
    """Also those of which nothing is left but what stands on the shelf."""
    shared = {each.campaign_id for each in reference.artifacts.shared.values()}
    return reference.campaigns.keys() | reference.campaign_changed_ms.keys() | shared


def _of_campaign(
    id: str, campaign: Campaign | None, changed_ms: int, narrowed_ms: int | None, now_ms: int
) -> CauseFound:
    if campaign is None:
        return CauseFound("campaign", id, "deleted", changed_ms)
    if campaign.end_ms is not None and campaign.end_ms <= now_ms:
        return CauseFound("campaign", id, "ended", max(campaign.end_ms, changed_ms))
    if campaign.status != "active":
        return CauseFound("campaign", id, "ended" if campaign.status == "ended" else "paused", changed_ms)
    if not campaign.running(now_ms):
        return CauseFound("campaign", id, "not_begun", changed_ms)
    if narrowed_ms is not None:
        return CauseFound("campaign", id, CHANGED, narrowed_ms, lasting=False)
    return CauseFound("campaign", id, None, changed_ms)


def _of_verdict(id: str, verdict: Verdict) -> CauseFound:
    review = verdict.review
    kind = "picture" if id.startswith(PICTURE_ID) else "template"
    if is_creative_id(id) or (review is not None and review.key is not None):
        kind = "creative"
    if review is None or review.status in USABLE_AUDITS:
        return CauseFound(kind, id, None, verdict.appended_ms)
    reason = "denied" if review.status == DENIED else "unapproved"
    return CauseFound(kind, id, reason, verdict.appended_ms)


def _of_templates(reference: GeneratorReference) -> Iterator[CauseFound]:
    """Templates that one campaign may not use, whatever others do with those of that name: it left them out,
    or does not approve them; and those that said something else before. A reviewer's word goes before."""
    for campaign_id, template_id in reference.removed_templates:
        yield CauseFound("template", template_in(campaign_id, template_id), "removed", 0)
    reviewed = {id for id, each in reference.verdicts.items() if each.review is not None}
    for campaign_id, campaign in reference.campaigns.items():
        usable = {each.template_id for each in campaign.templates if each.audit in USABLE_AUDITS} | reviewed
        for template_id in dict.fromkeys(each.template_id for each in campaign.templates):
            id = template_in(campaign_id, template_id)
            changed_ms = reference.reworded_ms.get((campaign_id, template_id))
            if template_id not in usable:
                yield CauseFound("template", id, "unapproved", 0)
            elif changed_ms is not None:
                yield CauseFound("template", id, CHANGED, changed_ms, lasting=False)
            else:
                yield CauseFound("template", id, None, 0)
