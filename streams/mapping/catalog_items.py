"""Catalogue items as they travel -> items as models see them."""

from __future__ import annotations

from models.item import GONE, Item, availability_word
from models.money import CURRENCIES, UNKNOWN_CURRENCY, MoneyError, currency_index, exact_minor, offer_of
from models.text.feed_text import feed_text, said_calmly
from models.text.noun import noun_of
from streams import records as r


def item_of(record: r.CatalogItem) -> Item:
    """The plain item of one record of ads.catalog.v1. A price without a currency that exists, with more
    decimal places than it has, or that no ad may show, is a price unknown."""
    try:
        currency = currency_index(record.cur)
        price, salesprice = (
            None if each is None else exact_minor(each, currency)
            for each in (record.price, record.salesprice)
        )
        price, salesprice = offer_of(price, salesprice, currency)
        code = "" if currency == UNKNOWN_CURRENCY else CURRENCIES[currency]
    except MoneyError:
        price, salesprice, code = None, None, ""
    text = feed_text(record.text or "")
    title = said_calmly(feed_text(record.title), (text, record.noun or "", *record.cat))
    return Item(
        item_id=record.item_id,
        title=title,
        url=record.url,
        noun=noun_of(title, record.noun or "", record.cat, text),
        categories=tuple(record.cat),
        text=text,
        price_minor=price,
        salesprice_minor=salesprice,
        currency=code,
        available=availability_word(record.availability) not in GONE,
        valid_until_ms=record.valid_until,
        images=tuple(record.images),
        category_taxonomy=record.cattax,
    )
