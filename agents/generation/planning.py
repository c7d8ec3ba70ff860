"""From a request to a plan: consent, the best campaign, its slots, the item and the arm of each slot. Same
request, same plan."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from agents.generation.places import alpha_2
from agents.generation.plan import CreativePlan, Refusal, SlotPlan
from models.arrays import FloatArray
from models.brief.brief import STYLES, WEEKDAYS, Brief, Copy, scenes_of
from models.campaigns import Campaign
from models.catalog.version import Catalog
from models.choice.matching import Match, Matcher, Query
from models.choice.selection import (
    BASE_RATE,
    Posterior,
    arm_name,
    arms_of,
    choose_arm,
    choose_item,
    expected_rate,
    prior,
)
from models.item import Item
from models.review.simhash import unsigned
from models.segments import DAYPARTS, DEVICE_WORDS
from streams import records as r
from streams.wire.ids import number_of

PAST_TEMPLATE: Final = "reused"
"""Arm of a creative that is published again: nothing was drawn."""


@dataclass(frozen=True, eq=False)
class PlanningSnapshot:
    """Reference data of one moment. `posteriors` by (campaign, slot), then arm; `overall` is the pooled click
    rate of all campaigns."""

    matcher: Matcher | None = None
    posteriors: Mapping[tuple[str, str], Mapping[str, Posterior]] = field(default_factory=dict)
    overall: float = BASE_RATE


class RequestPlanner:
    """Plans requests from the newest snapshot of the reference data."""

    def __init__(self, snapshot: Callable[[], PlanningSnapshot]) -> None:
        self._snapshot = snapshot

    def plan(self, request: r.CreativeRequest, now_ms: int) -> CreativePlan | Refusal:
        """The plan of a request, or why it gets no creative. Raises ValueError for a vector that is none."""
        if not request.consent.personalise:
            return Refusal("no_consent")
        snapshot = self._snapshot()
        if snapshot.matcher is None:
            return Refusal("no_match", ("NO_CATALOG",))
        query = query_of(request, snapshot.matcher.catalog, now_ms)
        return _returning(request, query, snapshot.matcher) or _planned(
            request, query, snapshot, snapshot.matcher
        )

    def stands(self, plan: CreativePlan, now_ms: int) -> bool:
        """Whether the campaign still runs as it did when the plan was made."""
        matcher = self._snapshot().matcher
        current = None if matcher is None else matcher.campaigns.get(plan.campaign.campaign_id)
        return current is not None and current.version == plan.campaign.version and current.running(now_ms)


def query_of(request: r.CreativeRequest, catalog: Catalog, now_ms: int) -> Query:
    """What the matcher asks for, in the terms of its catalogue."""
    context = request.context
    return Query(
        vector=interest_vector(request, catalog),
        now_ms=now_ms,
        slots=tuple(context.slots) or ("native",),
        locale=context.locale,
        country=context.country,
        device=context.device,
        segment=request.segment,
        suppressed=_suppressed(request, catalog),
        impressions=request.caps,
    )


def interest_vector(request: r.CreativeRequest, catalog: Catalog) -> FloatArray:
    """The served vector (64,) in the space of `catalog`; from the names of the top interests when its version
    is too far away."""
    vector = decode_vector(request.vector)
    if request.catalog_version == catalog.previous:
        vector = (catalog.rotation @ vector).astype(np.float32)
    known = request.catalog_version in (catalog.version, catalog.previous)
    if known and np.any(vector):
        return vector
    rows = [
        (catalog.code_names.index(each.name), each.weight)
        for each in request.top
        if each.name in catalog.code_names
    ]
    mean = sum((weight * catalog.centroids[code] for code, weight in rows), np.zeros_like(vector))
    norm = float(np.linalg.norm(mean))
    return (mean / norm).astype(np.float32) if norm else vector


def decode_vector(text: str) -> FloatArray:
    """base64 of float16 (64,) as float32; '' is all zeros. Raises ValueError for anything else."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"vector is not base64: {error}") from None
    if not raw:
        return np.zeros(64, np.float32)
    if len(raw) != 128:
        raise ValueError(f"vector has {len(raw)} bytes: give 64 float16 values")
    vector = np.frombuffer(raw, "<f2").astype(np.float32)
    if not np.isfinite(vector).all():
        raise ValueError("vector holds a value that is not finite")
    return vector


def _suppressed(request: r.CreativeRequest, catalog: Catalog) -> frozenset[int]:
    if request.catalog_version != catalog.previous:
        return frozenset(request.suppressed)
    inside = [code for code in request.suppressed if 0 <= code < len(catalog.code_map)]
    return frozenset(int(catalog.code_map[code]) for code in inside) - {-1}


def _planned(
    request: r.CreativeRequest, query: Query, snapshot: PlanningSnapshot, matcher: Matcher
) -> CreativePlan | Refusal:
    match = matcher.match(query)
    if not isinstance(match, Match):
        return Refusal(match.value)
    number = number_of(request.request_id)
    chosen = choose_item(match.scores, number)
    item = matcher.catalog.items[int(match.rows[chosen.index])]
    lines = [_line(request, match.campaign, item, slot, snapshot, chosen.propensity) for slot in match.slots]
    return CreativePlan(match.campaign, item, tuple(lines))


def _line(
    request: r.CreativeRequest,
    campaign: Campaign,
    item: Item,
    slot: str,
    snapshot: PlanningSnapshot,
    item_chance: float,
) -> SlotPlan:
    """One slot: style x template by Thompson sampling; the logged propensity is that of arm and item
    together."""
    templates = {each.template_id: each for each in campaign.templates_for(slot, request.context.locale)}
    arms = arms_of(STYLES, list(templates))
    names = [arm_name(*arm) for arm in arms]
    known = snapshot.posteriors.get((campaign.campaign_id, slot), {})
    choice = choose_arm(
        known, names, number_of(request.request_id), f"{campaign.campaign_id}|{slot}", snapshot.overall
    )
    style, template_id = arms[choice.index]
    brief = brief_of(request, campaign, item, slot, style)
    arm = names[choice.index]
    return SlotPlan(
        slot=slot,
        template=templates[template_id],
        arm=arm,
        propensity=choice.propensity * item_chance,
        policy_version=choice.policy_version,
        brief=brief,
        recent=tuple(unsigned(request.recent)),
        expected_ctr=expected_rate(
            known.get(arm, Posterior()), prior(list(known.values()), snapshot.overall)
        ),
    )


def _returning(request: r.CreativeRequest, query: Query, matcher: Matcher) -> CreativePlan | None:
    """The plan that publishes a returning interest's old copy: the first campaign and item of them that may
    still be shown."""
    for first in request.regime:
        slots = matcher.still_eligible(query, first.campaign_id, first.item_id)
        past = {
            each.slot: each
            for each in request.regime
            if (each.campaign_id, each.item_id) == (first.campaign_id, first.item_id)
        }
        if not any(slot in past for slot in slots):
            continue
        campaign, item = (
            matcher.campaigns[first.campaign_id],
            matcher.catalog.items[matcher.catalog.index[first.item_id]],
        )
        lines = [_past_line(request, campaign, item, past[slot]) for slot in slots if slot in past]
        return CreativePlan(campaign, item, tuple(lines))
    return None


def _past_line(request: r.CreativeRequest, campaign: Campaign, item: Item, past: r.PastCreative) -> SlotPlan:
    templates = campaign.templates_for(past.slot, request.context.locale)
    template = next((each for each in templates if each.template_id == past.template_id), templates[0])
    arm = past.arm or arm_name(PAST_TEMPLATE, template.template_id)
    style = arm.partition(".")[0]
    brief = brief_of(request, campaign, item, past.slot, style if style in STYLES else STYLES[0])
    said = past.copy
    scenes = scenes_of(past.slot, said.description)
    copy = Copy(said.headline, said.description, said.cta, said.brand or campaign.brand, scenes)
    return SlotPlan(past.slot, template, arm, 1.0, PAST_TEMPLATE, brief, copy)


def brief_of(request: r.CreativeRequest, campaign: Campaign, item: Item, slot: str, style: str) -> Brief:
    """What the copywriter is told of one slot of a request."""
    context = request.context
    return replace(
        brief_without_user(request.request_id, campaign, item, slot, context.locale),
        style=style,
        interest=tuple(each.name for each in (request.trigger.gained or request.top)[:3]),
        daypart=daypart(context.hour),
        weekday=WEEKDAYS[context.weekday]
        if context.weekday is not None and context.weekday < len(WEEKDAYS)
        else "",
        device=DEVICE_WORDS.get(context.device or 0, ""),
        place=alpha_2(context.country),
        returning=bool(request.regime),
    )


def brief_without_user(request_id: str, campaign: Campaign, item: Item, slot: str, locale: str) -> Brief:
    """The part of a brief that comes from campaign and item alone."""
    return Brief(
        request_id=request_id,
        campaign_id=campaign.campaign_id,
        slot=slot,
        locale=locale,
        brand=campaign.brand,
        title=item.title,
        noun=item.noun,
        category=item.category,
        price_minor=item.price_minor,
        salesprice_minor=item.salesprice_minor,
        currency=item.currency or "USD",
        facts=campaign.facts,
        must_use=campaign.must_use,
        avoid=campaign.avoid,
        claims=campaign.claims,
        ctas=campaign.ctas,
        goal=campaign.goal,
        tone=campaign.tone,
    )


def daypart(hour: int | None) -> str:
    """Quarter of the day at the user's place; '' = unknown."""
    return DAYPARTS[hour // 6] if hour is not None and 0 <= hour < 24 else ""
