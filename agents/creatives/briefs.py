"""What the copywriter is told: the campaign and item of a creative, and what a request says of its user."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from models.brief.brief import WEEKDAYS, Brief
from models.brief.moments import at_its_moment
from models.brief.places import alpha_2
from models.campaigns import Campaign
from models.catalog.fit import fitting_interests
from models.catalog.version import Catalog
from models.choice.right_item import price_speaks
from models.item import Item
from models.segments import DAYPARTS, DEVICE_WORDS
from streams import records as r

_INTERESTS: Final = 3
"""Interests of a request that a brief may name."""


def brief_of(
    request: r.CreativeRequest, campaign: Campaign, catalog: Catalog, row: int, slot: str, style: str
) -> Brief:
    """What the copywriter is told of one slot of a request: of its user and the moment what has to do with
    the item of a row."""
    context = request.context
    interest = tuple(each.name for each in (request.trigger.gained or request.top)[:_INTERESTS])
    told = replace(
        brief_without_user(request.request_id, campaign, catalog.items[row], slot, context.locale),
        style=style,
        interest=fitting_interests(catalog, row, interest),
        daypart=daypart(context.hour),
        weekday=WEEKDAYS[context.weekday]
        if context.weekday is not None and context.weekday < len(WEEKDAYS)
        else "",
        device=DEVICE_WORDS.get(context.device or 0, ""),
        place=alpha_2(context.country),
        returning=bool(request.regime),
        price_speaks=price_speaks(float(catalog.price_z[row]), request.tier),
    )
    return at_its_moment(told)


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
        currency=item.currency,
        facts=campaign.facts,
        must_use=campaign.must_use,
        avoid=campaign.avoid,
        claims=campaign.claims,
        ctas=campaign.ctas,
        goal=campaign.goal,
        tone=campaign.tone,
        geo=tuple(filter(None, map(alpha_2, campaign.geo))),
        text=item.text,
        legal=campaign.legal_for(locale),
    )


def daypart(hour: int | None) -> str:
    """Quarter of the day at the user's place; '' = unknown."""
    return DAYPARTS[hour // 6] if hour is not None and 0 <= hour < 24 else ""
