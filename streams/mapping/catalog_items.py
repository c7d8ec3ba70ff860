"""Catalogue items as they travel -> items as models see them."""

from __future__ import annotations

from models.item import GONE, Item, availability_word
from models.money import CURRENCIES, UNKNOWN_CURRENCY, MoneyError, currency_index, exact_minor, price_offer_of
from models.text.feed_text import LOST, feed_text, said_calmly
from models.text.noun import noun_of
from models.text.sentences import without_saying
from streams import records as r


def item_of(record: r.CatalogItem) -> Item:
    """The plain item of one record of ads.catalog.v1. A price without a currency that exists, with more
    decimal places than it has, or that no ad may show, is a price unknown. What lost a letter is not said."""
    try:
        currency = currency_index(record.cur)
        price, salesprice = (
            None if each is None else exact_minor(each, currency)
            for each in (record.price, record.salesprice)
        )
        price, salesprice = price_offer_of(price, salesprice, currency)
        code = "" if currency == UNKNOWN_CURRENCY else CURRENCIES[currency]
    except MoneyError:
        price, salesprice, code = None, None, ""
    text = without_saying(LOST, feed_text(record.text or ""))
    noun = _whole(feed_text(record.noun or ""))
    title = said_calmly(_whole(feed_text(record.title)), (text, noun, *record.cat))
    return Item(
        item_id=record.item_id,
        title=title,
        url=record.url,
        noun=noun_of(title, noun, record.cat, text),
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


def _whole(text: str) -> str:
    return "" if LOST in text else text
