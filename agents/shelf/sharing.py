"""Creatives that many users share, so that no slot is ever blank: a default per campaign and slot, then
interest clusters and places.

A cluster gets its own creative only where another item suits it better than the default's, and place cells
exist only for campaigns that target countries: what would repeat the default is left to the default. Pure:
what should stand, what stands, hence what to send.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.creatives.briefs import brief_without_user
from agents.creatives.plan import TEMPLATE_STYLE, SlotPlan, Unfilled
from agents.creatives.publication import Occasion, expires_ms, make_creative
from agents.writing.drafts import fill_line
from models.arrays import FloatArray
from models.campaigns import Campaign, Template
from models.catalog.version import Catalog
from models.choice.drafting import RulesOf
from models.choice.matching import Matcher, RowArray
from models.choice.selection import arm_name
from models.item import Item
from models.link import link_fault
from models.revocations import MadeOf
from models.segments import context_cell, segment_name
from streams import records as r
from streams.artifacts.shared import SharedCreative
from streams.mapping.revocations import DEFAULT_KEY
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
        """Hash of audience key, campaign, campaign version, template and slot: published again daily under
        the same id; a person who denies one template's copy has not denied another's."""
        made_by = f"{self.audience.key}#{self.campaign.version}#{self.template.template_id}"
        return creative_id(made_by, self.campaign.campaign_id, self.slot)

    def made_of(self, now_ms: int) -> MadeOf:
        """What it would stand on if it were published now."""
        return MadeOf(
            self.campaign.campaign_id,
            self.item.item_id,
            self.template.template_id,
            self.creative_id,
            now_ms,
            is_default=self.audience.key == DEFAULT_KEY,
        )

    def expires_ms(self, now_ms: int) -> int:
        """When it would end if it were published now."""
        return expires_ms(self.campaign, self.item, now_ms, _LIFE_MS)


class BestItems:
    """Which item a campaign shows everyone and which one it shows each interest cluster. Campaigns that
    advertise the same share one computation."""

    def __init__(self, matcher: Matcher, now_ms: int) -> None:
        self._matcher = matcher
        self._now_ms = now_ms
        self._vectors = _audiences(matcher.catalog)
        self._known: dict[int, RowArray] = {}

    def of(self, campaign_id: str) -> RowArray:
        """Catalogue rows for all users, then for each segment; -1 = nothing may be shown. (1 + s,)"""
        rows = self._matcher.advertised_rows(campaign_id)
        if id(rows) not in self._known:
            self._known[id(rows)] = self._matcher.nearest_rows(rows, self._vectors, self._now_ms)
        return self._known[id(rows)]


def plan_shelf(catalog: Catalog, campaign: Campaign, best: RowArray, now_ms: int) -> list[Shared]:
    """Every shared creative of a campaign that should stand, defaults first; `best` as `BestItems` gives it.

    Whom the campaign targets is assumed, since only such users are shown it.
    """
    if best[0] < 0 or not campaign.running(now_ms) or is_capped(campaign):
        return []
    shelf = [
        _shared(campaign, slot, locale, r.Audience("default", DEFAULT_KEY), catalog.items[best[0]])
        for slot in campaign_slots_of(campaign)
        if campaign.templates_for(slot, locale := shelf_locale(campaign, slot))
    ]
    for default in list(shelf):
        shelf += _clusters(catalog, default, best[1:])
        shelf += _cells(default)
    return shelf


def is_publication_due(shared: Shared, standing: SharedCreative | None, now_ms: int) -> bool:
    """Whether to publish: nothing stands, another version or item stands, or it is a day old or over."""
    if standing is None or standing.creative_id != shared.creative_id or standing.expires_ms <= now_ms:
        return True
    if (standing.item_id, standing.template_id) != (shared.item.item_id, shared.template.template_id):
        return True
    return shared.expires_ms(now_ms) - standing.expires_ms >= _DAY_MS


def made_of_standing(key: str, standing: SharedCreative) -> MadeOf:
    """What the creative under a shared key stands on."""
    return MadeOf(
        standing.campaign_id,
        standing.item_id or "",
        standing.template_id,
        standing.creative_id,
        standing.created_ms,
        is_default=key.partition("|")[0] == DEFAULT_KEY,
        pictures=standing.pictures,
    )


def fill_shared(
    shared: Shared, rules_of: RulesOf, now_ms: int
) -> tuple[r.Creative, SharedCreative] | Unfilled:
    """The record for ad servers and the one for profile workers, unless review refuses the filled template or
    no ad may link to the item."""
    template = shared.template
    brief = brief_without_user(shared.creative_id, shared.campaign, shared.item, shared.slot, template.locale)
    arm = arm_name(TEMPLATE_STYLE, template.template_id)
    line = SlotPlan(shared.slot, template, arm, shared.chance, SHARED_POLICY, brief)
    if fault := link_fault(shared.item.url):
        return Unfilled(line, ("BAD_LINK",), f"its link {fault}")
    written = fill_line(line, rules_of)
    if isinstance(written, Unfilled):
        return written
    occasion = Occasion(
        shared.creative_id, shared.audience, template.locale, now_ms, TRIGGER, life_ms=_LIFE_MS
    )
    record = make_creative(occasion, shared.campaign, shared.item, written, now_ms)
    segment = shared.audience.key.removeprefix("s:")
    standing = SharedCreative(
        record.creative_id, record.campaign_id, record.slot, segment, record.template_id, line.arm,
        shared.chance, record.expires,
        record.item_id, record.created,
    )  # fmt: skip
    return record, standing


def _audiences(catalog: Catalog) -> FloatArray:
    """Mean of the segments, then each segment. (1 + s, d)"""
    segments = catalog.segments
    mean = segments.mean(axis=0) if len(segments) else np.zeros(catalog.vectors.shape[1])
    return np.vstack([mean[None], segments]).astype(np.float32) if len(segments) else mean[None].astype("f4")


def is_capped(campaign: Campaign) -> bool:
    """Whether its cap leaves nothing even to a user who saw nothing."""
    return any(cap.scope == "campaign" and cap.n == 0 for cap in campaign.caps)


def campaign_slots_of(campaign: Campaign) -> list[str]:
    """The slots a campaign is shown in: those it names, else those it has templates for."""
    return list(dict.fromkeys(campaign.slots or (each.slot for each in campaign.templates)))


def shelf_locale(campaign: Campaign, slot: str) -> str:
    """The locale of what everyone is shown: the first that the campaign names."""
    locales = campaign.locales or tuple(each.locale for each in campaign.templates if each.slot == slot)
    return locales[0] if locales else "en"


def draw_template(
    campaign: Campaign, slot: str, audience: r.Audience, templates: Sequence[Template]
) -> tuple[Template, float]:
    """One of them by hash of the audience, so that each is shown somewhere, and its chance: all are equal."""
    index = hash64(f"{audience.key}|{campaign.campaign_id}|{campaign.version}|{slot}") % len(templates)
    return templates[index], 1 / len(templates)


def _clusters(catalog: Catalog, default: Shared, rows: RowArray) -> Iterator[Shared]:
    campaign = default.campaign
    for number, row in enumerate(rows.tolist()):
        name = segment_name(number)
        wanted = not campaign.segments or name in campaign.segments
        if wanted and catalog.items[row].item_id != default.item.item_id:
            audience = r.Audience("segment", f"s:{name}")
            locale = shelf_locale(campaign, default.slot)
            yield _shared(campaign, default.slot, locale, audience, catalog.items[row])


def _cells(default: Shared) -> Iterator[Shared]:
    campaign = default.campaign
    devices = [each for each in CELL_DEVICES if not campaign.devices or each in campaign.devices]
    for country in campaign.geo[:CELL_COUNTRIES]:
        for device in devices:
            for hour in CELL_HOURS:
                audience = r.Audience("segment", f"s:{context_cell(device, country, hour)}")
                yield _shared(campaign, default.slot, default.template.locale, audience, default.item)


def _shared(campaign: Campaign, slot: str, locale: str, audience: r.Audience, item: Item) -> Shared:
    template, chance = draw_template(campaign, slot, audience, campaign.templates_for(slot, locale))
    return Shared(audience, campaign, slot, template, item, chance)
