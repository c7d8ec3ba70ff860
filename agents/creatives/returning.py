"""Copy of a returning interest: what the user was shown of it before is published again, where it may still
be shown."""

from __future__ import annotations

from agents.creatives.briefs import brief_of
from agents.creatives.plan import PAST_POLICY, CreativePlan, SlotPlan
from models.brief.brief import STYLES, Copy, scenes_of
from models.campaigns import Campaign
from models.catalog.version import Catalog
from models.choice.headlines import unpacked_hashes
from models.choice.matching import Matcher, Query
from models.choice.selection import arm_name, style_of, styles_of
from models.review.template import fill_template
from models.revocations import NOT_MADE, MadeOf, Revocations
from streams import records as r


def returning(
    request: r.CreativeRequest, query: Query, revocations: Revocations, matcher: Matcher
) -> CreativePlan | None:
    """The plan that publishes a returning interest's old copy: the first campaign and item of them that may
    still be shown."""
    kept = [
        each
        for each in request.regime
        if revocations.why(_made_of_past(each)) is None
        and not _in_trial(matcher.campaigns.get(each.campaign_id), query.now_ms)
    ]
    for first in kept:
        slots = matcher.still_eligible(query, first.campaign_id, first.item_id)
        drawn = matcher.campaigns.get(first.campaign_id)
        past = {
            each.slot: each
            for each in kept
            if (each.campaign_id, each.item_id) == (first.campaign_id, first.item_id)
            and drawn is not None
            and _still_drawn(each, drawn)
        }
        if not any(slot in past for slot in slots):
            continue
        campaign = matcher.campaigns[first.campaign_id]
        row = matcher.catalog.index[first.item_id]
        lines = [
            _past_line(request, campaign, matcher.catalog, row, past[slot]) for slot in slots if slot in past
        ]
        if kept_lines := tuple(each for each in lines if _still_said(each)):
            return CreativePlan(campaign, matcher.catalog.items[row], kept_lines)
    return None


def _still_said(line: SlotPlan) -> bool:
    """Whether copy that no model wrote is what its template says today."""
    past, template = line.past, line.template
    if past is None or line.past_by_model:
        return True
    now = fill_template(template.headline, template.description, template.cta, line.brief)
    return (past.headline, past.description, past.cta) == (now.headline, now.description, now.cta)


def _in_trial(campaign: Campaign | None, at_ms: int) -> bool:
    """Whether an experiment runs on the campaign: copy from before it, or of another arm, would blur it."""
    experiment = None if campaign is None else campaign.experiment
    return experiment is not None and experiment.running(at_ms)


def _still_drawn(past: r.PastCreative, campaign: Campaign) -> bool:
    """Whether the campaign has not excluded the style or template of kept copy since."""
    style = style_of(past.arm or "")
    return (style not in STYLES or style in styles_of(campaign)) and (
        not campaign.drawn_template_ids or past.template_id in campaign.drawn_template_ids
    )


def _made_of_past(past: r.PastCreative) -> MadeOf:
    """What kept copy stands on; it would be made now."""
    return MadeOf(
        past.campaign_id,
        past.item_id,
        past.template_id or "",
        past.creative_id or "",
        NOT_MADE,
        past.origin_id or "",
        past.by_model,
        copy_id=past.copy_id or "",
    )


def _past_line(
    request: r.CreativeRequest, campaign: Campaign, catalog: Catalog, row: int, past: r.PastCreative
) -> SlotPlan:
    templates = campaign.drawn_templates(past.slot, request.context.locale)
    template = next((each for each in templates if each.template_id == past.template_id), templates[0])
    arm = past.arm or arm_name(PAST_POLICY, template.template_id)
    style = style_of(arm)
    brief = brief_of(request, campaign, catalog, row, past.slot, style if style in STYLES else STYLES[0])
    said = past.copy
    scenes = scenes_of(past.slot, said.description)
    copy = Copy(said.headline, said.description, said.cta, said.brand or campaign.brand, scenes)
    origin = past.origin_id or past.creative_id or ""
    return SlotPlan(
        past.slot,
        template,
        arm,
        1.0,
        PAST_POLICY,
        brief,
        past=copy,
        headlines=unpacked_hashes(request.headlines),
        origin_id=origin,
        past_by_model=past.by_model,
        past_copy_id=past.copy_id or "",
    )
