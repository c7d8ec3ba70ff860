"""Slots of running campaigns for which no default creative may stand, and by which rule. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agents.shelf.defaults import Objection, SettledShelf
from agents.shelf.sharing import Shared, campaign_slots_of, is_capped, shelf_locale
from models.campaigns import Campaign
from models.choice.matching import RowArray
from models.review.template_check import check_templates
from streams.mapping.revocations import DEFAULT_KEY


@dataclass(frozen=True, slots=True)
class Blank:
    """One slot without a default; `said`: what the rules object to."""

    campaign_id: str
    slot: str
    template_id: str
    rules: tuple[str, ...]
    said: str

    def __str__(self) -> str:
        template = f", template {self.template_id}" if self.template_id else ""
        said = f" ({self.said})" if self.said else ""
        return f"campaign {self.campaign_id}, slot {self.slot}{template}: {', '.join(self.rules)}{said}"


def find_blanks(campaign: Campaign, settled: SettledShelf, best: RowArray, now_ms: int) -> list[Blank]:
    """The slots of a campaign that everyone without a creative of their own sees blank; `best` as `BestItems`
    gives it."""
    if not campaign.running(now_ms):
        return []
    defaults = {each.slot: each for each in settled.planned if each.audience.key == DEFAULT_KEY}
    return [
        blank
        for slot in campaign_slots_of(campaign)
        for blank in (
            _objected(defaults[slot], settled.objections)
            if slot in defaults
            else _unplanned(campaign, slot, best)
        )
    ]


def _objected(shared: Shared, objections: Mapping[str, Objection]) -> Iterator[Blank]:
    campaign, slot = shared.campaign, shared.slot
    if slot in objections:
        several = len(campaign.templates_for(slot, shelf_locale(campaign, slot))) > 1
        nor = "; none of the slot's other templates may stand either" if several else ""
        rules, said = objections[slot]
        yield Blank(campaign.campaign_id, slot, shared.template.template_id, rules, said + nor)


def _unplanned(campaign: Campaign, slot: str, best: RowArray) -> Iterator[Blank]:
    """Why nothing is planned for a slot: no usable template, nothing to show, a cap of none."""
    of_slot = [each for each in campaign.templates if each.slot == slot]
    if not campaign.templates_for(slot, shelf_locale(campaign, slot)):
        faults = [each for each in check_templates(campaign) if each.slot == slot and not each.usable]
        for fault in faults:
            said = f"{fault.field} {fault.text}; allowed: {fault.allowed}"
            yield Blank(campaign.campaign_id, slot, fault.template_id, (fault.rule,), said)
        if not faults:
            said = "of another locale" if of_slot else "none is given"
            yield Blank(campaign.campaign_id, slot, "", ("NO_TEMPLATE",), said)
    elif is_capped(campaign):
        yield Blank(campaign.campaign_id, slot, "", ("CAPPED",), "its cap allows no impression")
    elif best[0] < 0:
        yield Blank(campaign.campaign_id, slot, "", ("NO_ITEM",), "no item that it advertises may be shown")
