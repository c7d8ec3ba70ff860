"""What the click model is asked: the showings that a request could lead to, and what its user may take by
himself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.campaigns import Campaign
from models.catalog.version import Catalog
from models.choice.expected_takes import TakesOpinion, item_traits
from models.choice.matching import Match
from models.choice.selection import style_of
from models.click.behaviour import UserWants
from models.click.features import Foreseen
from streams import records as r


def showings_of(request: r.CreativeRequest, match: Match, catalog: Catalog) -> list[Foreseen]:
    """One per item of a match, in the first slot, whatever will be said of it."""
    user = _of_user(request, match.campaign, match.slots[0])
    return [_of_item(user, int(row), catalog) for row in match.rows]


def expected_takes(
    opinion: TakesOpinion, request: r.CreativeRequest, match: Match, catalog: Catalog
) -> NDArray[np.floating]:
    """Scores of the items of a match with what the model of behaviour expects."""
    wish = UserWants(
        tuple(each.name for each in request.top), tuple(request.wanted or request.taken), request.tier or None
    )
    items = [item_traits(catalog, int(row)) for row in match.rows]
    return opinion.scores(match.scores, items, wish, match.campaign.goal)


def showing_of_line(
    request: r.CreativeRequest, campaign: Campaign, row: int, slot: str, arm: str, catalog: Catalog
) -> Foreseen:
    """The first showing of one line of a plan, but for its words."""
    style, template_id = style_of(arm), arm.partition(".")[2]
    user = _of_user(request, campaign, slot)
    return replace(_of_item(user, row, catalog), style=style, template_id=template_id)


def _of_user(request: r.CreativeRequest, campaign: Campaign, slot: str) -> Foreseen:
    context = request.context
    return Foreseen(
        campaign_id=campaign.campaign_id,
        slot=slot,
        segment=request.segment,
        hour=context.hour,
        weekday=context.weekday,
        device=context.device,
        country=context.country,
        interest=tuple(each.name for each in request.top),
    )


def _of_item(user: Foreseen, row: int, catalog: Catalog) -> Foreseen:
    code, names = int(catalog.codes[row]), catalog.code_names
    name = names[code] if code < len(names) else None
    return replace(user, item_id=catalog.items[row].item_id, code=name)
