"""Ads that people wrote one by one (models/corpus/ads/): an item as its row says it, and several ads for it.

A line: {"locale", "item": {"title", "noun", "brand", "cat", "price", "cur", "text"}, "facts": [...], "ads":
[[slot, style, tone, goal, interest, moment, headline, description, call to action], ...]}.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from models.brief.brief import WEEKDAYS, Brief, Copy
from models.money import CURRENCIES, EXPONENTS
from models.segments import DAYPARTS


class AuthoredItem(msgspec.Struct, frozen=True):
    """The row an ad is written from; prices in units of `cur`."""

    title: str
    noun: str = ""
    brand: str = ""
    cat: list[str] = []
    price: Decimal | None = None
    cur: str = "USD"
    text: str = ""


class AuthoredAd(msgspec.Struct, array_like=True, frozen=True):
    """One ad and what it was to be; `interest` and `moment` "" = nothing is known."""

    slot: str
    style: str
    tone: str
    goal: str
    interest: str
    moment: str
    headline: str
    description: str
    cta: str


class AuthoredLine(msgspec.Struct, frozen=True):
    """One item with its ads; `facts` are what the campaign promises."""

    item: AuthoredItem
    ads: list[AuthoredAd]
    locale: str = "en"
    facts: list[str] = []


def briefs_of(line: AuthoredLine, name: str) -> Iterator[tuple[Brief, Copy]]:
    """A brief and its copy for each ad of a line; `name` tells them from those of other lines."""
    item = line.item
    for number, ad in enumerate(line.ads):
        brief = Brief(
            request_id=f"{name}-{number}",
            campaign_id=name,
            slot=ad.slot,
            brand=item.brand,
            title=item.title,
            noun=item.noun,
            category=".".join(item.cat),
            locale=line.locale,
            price_minor=_minor(item),
            currency=item.cur,
            facts=tuple(line.facts),
            claims=tuple(line.facts),
            ctas=(ad.cta,),
            style=ad.style,
            goal=ad.goal,
            tone=ad.tone,
            interest=(ad.interest,) if ad.interest else (),
            daypart=next((each for each in DAYPARTS if each in ad.moment), ""),
            weekday=next((each for each in WEEKDAYS if each in ad.moment), ""),
            text=item.text,
        )
        yield brief, Copy(ad.headline, ad.description, ad.cta, item.brand)


def _minor(item: AuthoredItem) -> int | None:
    if item.price is None or item.cur not in CURRENCIES:
        return None
    return int(item.price.scaleb(EXPONENTS[CURRENCIES.index(item.cur)]))
