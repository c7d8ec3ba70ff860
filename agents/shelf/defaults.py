"""Which of its templates a default is made with: one that neither review nor a person refuses, so that a slot
is blank only where none may stand. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agents.creatives.plan import Unfilled
from agents.shelf.sharing import Shared, draw_template, fill_shared, plan_shelf, shelf_locale
from agents.writing.drafts import RulesOf
from models.campaigns import Campaign
from models.catalog.version import Catalog
from models.choice.matching import RowArray
from models.revocations import MadeOf
from streams.mapping.revocations import DEFAULT_KEY


def settled_shelf(
    catalog: Catalog,
    campaign: Campaign,
    best: RowArray,
    now_ms: int,
    is_refused: Callable[[MadeOf], bool],
    rules_of: RulesOf,
) -> list[Shared]:
    """`plan_shelf` with defaults that may stand. One that may not with any of its slot's templates stays as
    it was planned. `is_refused` says what was revoked or denied."""

    def may_stand(shared: Shared) -> bool:
        return not is_refused(shared.made_of(now_ms)) and not isinstance(
            fill_shared(shared, rules_of, now_ms), Unfilled
        )

    return [
        _settle_default(each, may_stand) if each.audience.key == DEFAULT_KEY else each
        for each in plan_shelf(catalog, campaign, best, now_ms)
    ]


def _settle_default(planned: Shared, may_stand: Callable[[Shared], bool]) -> Shared:
    campaign, slot = planned.campaign, planned.slot
    templates = campaign.templates_for(slot, shelf_locale(campaign, slot))
    if len(templates) == 1:
        return planned
    kept = [each for each in templates if may_stand(replace(planned, template=each))]
    if not kept:
        return planned
    template, chance = draw_template(campaign, slot, planned.audience, kept)
    return replace(planned, template=template, chance=chance)
