"""Creatives that many users share, so that no slot is ever blank: a default per campaign and slot, then
interest clusters and places.

A cluster gets its own creative only where another item suits it better than the default's, and place cells
exist only for campaigns that target countries: what would repeat the default is left to the default. Pure:
what should stand, what stands, hence what to send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.creatives.briefs import brief_without_user
from agents.creatives.plan import SlotPlan, Written
from agents.creatives.publication import Occasion, expires_ms, make_creative
from agents.writing.drafts import RulesOf, fill_line
from models.arrays import FloatArray
from models.campaigns import Campaign, Template
from models.choice.matching import Match, Matcher, Query
from models.item import Item
from models.segments import context_cell, segment_name
from streams import records as r
from streams.wire.artifacts import SharedCreative
from streams.wire.ids import creative_id, hash64

_DAY_MS: Final = 86_400_000
_LIFE_MS: Final = 2 * _DAY_MS
"""A shared creative lives two days and is published again after one, so that a day without a generator leaves
no slot blank."""
SHARED_POLICY: Final = "shared"
TRIGGER: Final = "shared"
CELL_COUNTRIES: Final = 3
CELL_DEVICES: Final = (4, 2, 5, 3)
CELL_HOURS: Final = (0, 6, 12, 18)
"""AdCOM device types and first hours of the dayparts that get a cell of their own."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One shared creative that should stand."""

    audience: r.Audience
    campaign: Campaign
    slot: str
    template: Template
    item: Item
    chance: float

    @property
    def key(self) -> str:
        """Its topic key."""
        return f"{self.audience.key}|{self.campaign.campaign_id}|{self.slot}"

    @property
    def creative_id(self) -> str:
        """Hash of audience key, campaign, campaign version and slot: published again daily under the same
        id."""
        return creative_id(
            f"{self.audience.key}#{self.campaign.version}", self.campaign.campaign_id, self.slot
        )

    def expires_ms(self, now_ms: int) -> int:
        """When it would end if it were published now."""
        return expires_ms(self.campaign, self.item, now_ms, _LIFE_MS)


def wanted(matcher: Matcher, owned: Callable[[str], bool], now_ms: int) -> Iterator[Shared]:
    """Every shared creative that should stand for the campaigns this worker owns, defaults first."""
    mine = [each for each in matcher.campaigns.values() if each.running(now_ms) and owned(each.campaign_id)]
    defaults = {
        (each.campaign_id, slot): _default(matcher, each, slot, now_ms)
        for each in mine
        for slot in _slots(each)
    }
    standing = [each for each in defaults.values() if each is not None]
    yield from standing
    for default in standing:
        yield from _clusters(matcher, default, now_ms)
        yield from _cells(default)


def publication_due(shared: Shared, standing: SharedCreative | None, now_ms: int) -> bool:
    """Whether to publish: nothing stands, another version stands, or it is a day old or over."""
    if standing is None or standing.creative_id != shared.creative_id or standing.expires_ms <= now_ms:
        return True
    return shared.expires_ms(now_ms) - standing.expires_ms >= _DAY_MS


def obsolete(
    standing: Mapping[str, SharedCreative], keys: set[str], owned: Callable[[str], bool]
) -> Iterator[tuple[str, SharedCreative]]:
    """What stands under a key that should be empty: its campaign ended or paused, or its slot lost its
    template."""
    for key, each in standing.items():
        if owned(each.campaign_id) and key not in keys:
            yield key, each


def published(shared: Shared, rules_of: RulesOf, now_ms: int) -> tuple[r.Creative, SharedCreative] | None:
    """The record for ad servers and the one for profile workers; None when review refuses the filled
    template."""
    template = shared.template
    brief = brief_without_user(shared.creative_id, shared.campaign, shared.item, shared.slot, template.locale)
    filled = fill_line(SlotPlan(shared.slot, template, "", 1.0, SHARED_POLICY, brief), rules_of)
    if filled is None:
        return None
    line = SlotPlan(shared.slot, template, filled.line.arm, shared.chance, SHARED_POLICY, brief)
    written = Written(line, filled.copy, "template", filled.codes)
    occasion = Occasion(
        shared.creative_id, shared.audience, template.locale, now_ms, TRIGGER, life_ms=_LIFE_MS
    )
    record = make_creative(occasion, shared.campaign, shared.item, written, now_ms)
    segment = shared.audience.key.removeprefix("s:")
    standing = SharedCreative(
        record.creative_id, record.campaign_id, record.slot, segment, record.template_id, line.arm,
        shared.chance, record.expires,
        record.item_id,
    )  # fmt: skip
    return record, standing


def _slots(campaign: Campaign) -> list[str]:
    return list(dict.fromkeys(campaign.slots or (each.slot for each in campaign.templates)))


def _default(matcher: Matcher, campaign: Campaign, slot: str, now_ms: int) -> Shared | None:
    vector = (
        matcher.catalog.segments.mean(axis=0)
        if len(matcher.catalog.segments)
        else np.zeros(matcher.catalog.vectors.shape[1])
    )
    return _shared(matcher, campaign, slot, r.Audience("default", "d"), vector.astype(np.float32), now_ms)


def _clusters(matcher: Matcher, default: Shared, now_ms: int) -> Iterator[Shared]:
    for number, vector in enumerate(matcher.catalog.segments):
        name = segment_name(number)
        if default.campaign.segments and name not in default.campaign.segments:
            continue
        audience = r.Audience("segment", f"s:{name}")
        shared = _shared(matcher, default.campaign, default.slot, audience, vector, now_ms)
        if shared is not None and shared.item.item_id != default.item.item_id:
            yield shared


def _cells(default: Shared) -> Iterator[Shared]:
    campaign = default.campaign
    devices = [each for each in CELL_DEVICES if not campaign.devices or each in campaign.devices]
    for country in campaign.geo[:CELL_COUNTRIES]:
        for device in devices:
            for hour in CELL_HOURS:
                audience = r.Audience("segment", f"s:{context_cell(device, country, hour)}")
                template, chance = _template(campaign, default.slot, default.template.locale, audience.key)
                yield Shared(audience, campaign, default.slot, template, default.item, chance)


def _shared(
    matcher: Matcher, campaign: Campaign, slot: str, audience: r.Audience, vector: FloatArray, now_ms: int
) -> Shared | None:
    """The campaign's best item for a vector; whom the campaign targets is assumed, since only such users are
    shown it."""
    locales = campaign.locales or tuple(each.locale for each in campaign.templates if each.slot == slot)
    query = Query(
        vector=vector,
        now_ms=now_ms,
        slots=(slot,),
        locale=locales[0] if locales else "en",
        country=campaign.geo[0] if campaign.geo else None,
        device=campaign.devices[0] if campaign.devices else None,
        segment=campaign.segments[0] if campaign.segments else None,
    )
    match = matcher.match(query, only=campaign.campaign_id)
    if not isinstance(match, Match):
        return None
    template, chance = _template(campaign, slot, query.locale, audience.key)
    return Shared(audience, campaign, slot, template, matcher.catalog.items[int(match.rows[0])], chance)


def _template(campaign: Campaign, slot: str, locale: str, audience_key: str) -> tuple[Template, float]:
    """One of the approved templates by hash of the audience, so that each is shown somewhere; the chance of
    each is equal."""
    templates = campaign.templates_for(slot, locale)
    index = hash64(f"{audience_key}|{campaign.campaign_id}|{campaign.version}|{slot}") % len(templates)
    return templates[index], 1 / len(templates)
