"""Which of its templates a default is made with: one that neither review nor a person refuses, so that a slot
is blank only where none may stand. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from agents.creatives.plan import Unfilled
from agents.shelf.sharing import Shared, draw_template, fill_shared, plan_shelf, shelf_locale
from models.campaigns import Campaign
from models.catalog.version import Catalog
from models.choice.drafting import RulesOf
from models.choice.matching import RowArray
from models.revocations import MadeOf
from streams.mapping.revocations import DEFAULT_KEY


class Objection(NamedTuple):
    """Why a creative may not stand."""

    rules: tuple[str, ...]
    said: str


@dataclass(frozen=True)
class SettledShelf:
    """What should stand, and by slot what is objected to the defaults that may not."""

    planned: list[Shared] = field(default_factory=list)
    objections: dict[str, Objection] = field(default_factory=dict)


def settled_shelf(
    catalog: Catalog,
    campaign: Campaign,
    best: RowArray,
    now_ms: int,
    is_refused: Callable[[MadeOf], bool],
    rules_of: RulesOf,
) -> SettledShelf:
    """`plan_shelf` with defaults that may stand. One that may not with any of its slot's templates stays as
    it was planned. `is_refused` says what was revoked or denied."""

    def judge(shared: Shared) -> Objection | None:
        return _objection(shared, now_ms, is_refused, rules_of)

    settled = SettledShelf()
    for each in plan_shelf(catalog, campaign, best, now_ms):
        is_default = each.audience.key == DEFAULT_KEY
        settled.planned.append(_settle_default(each, judge, settled.objections) if is_default else each)
    return settled


def _settle_default(
    planned: Shared, judge: Callable[[Shared], Objection | None], objections: dict[str, Objection]
) -> Shared:
    """The default to stand; what is said of one that may not goes to `objections`."""
    campaign, slot = planned.campaign, planned.slot
    templates = campaign.templates_for(slot, shelf_locale(campaign, slot))
    found = {each: judge(replace(planned, template=each)) for each in templates}
    kept = [each for each, objection in found.items() if objection is None]
    if not kept:
        objection = found[planned.template]
        assert objection is not None
        objections[slot] = objection
    if not kept or len(templates) == 1:
        return planned
    template, chance = draw_template(campaign, slot, planned.audience, kept)
    return replace(planned, template=template, chance=chance)


def _objection(
    shared: Shared, now_ms: int, is_refused: Callable[[MadeOf], bool], rules_of: RulesOf
) -> Objection | None:
    item = f"item {shared.item.item_id}"
    if is_refused(shared.made_of(now_ms)):
        return Objection(("REVOKED",), item)
    made = fill_shared(shared, rules_of, now_ms)
    return Objection(made.codes, f"{item}: {made.said}") if isinstance(made, Unfilled) else None
