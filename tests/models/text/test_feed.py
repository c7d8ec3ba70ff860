"""A made feed of 361 rows as shops write them, in 28 languages: read whole once."""

from __future__ import annotations

import re
import unicodedata

from models.brief.price import price_text
from models.text.calm_title import ordinary_words
from streams.mapping.catalog_items import item_of
from tests.models.text.feed_reading import READ, read_whole, reading, rows

BROKEN = "\ufffd\u00ad\u200b<>"


def test_every_row_comes_out_as_it_was_read() -> None:
    assert read_whole().splitlines() == READ.read_text(encoding="utf-8").splitlines()


def test_no_price_is_wrong_no_letter_broken_and_no_item_silently_without_a_creative() -> None:
    seen = list(rows())
    assert len(seen) == 361 and len({locale for locale, _ in seen}) == 28
    for locale, record in seen:
        _, title, noun, headline, description, wrong = reading(locale, record)
        item = item_of(record)
        paid = price_text(item.charged_minor or 0, item.currency, locale)
        assert (paid in description) if paid else wrong, record
        assert headline != "NONE" or wrong
        assert not set(title + noun + headline + description) & set(BROKEN), record
        assert unicodedata.is_normalized("NFC", title)
        assert noun.casefold() in f"{title} {record.noun}".casefold()


def test_only_words_that_are_surely_ordinary_lose_their_capitals() -> None:
    changed = set()
    for locale, record in rows():
        said = reading(locale, record)[4].split(". ")[0].split("。")[0]
        written = re.findall(r"[^\W\d_]+", f"{record.title}")
        for one, other in zip(written, re.findall(r"[^\W\d_]+", said), strict=False):
            if one != other and one.casefold() == other.casefold():
                known = any(other.lower() in words for words in ordinary_words(locale[:2]))
                row = f"{record.text} {' '.join(record.cat)} {record.noun}".casefold()
                assert known or other.casefold() in row, (one, other)
                changed.add(one)
    assert {"CAFETERA", "FLOOR"} <= changed
    assert not {"LEGO", "MILLENNIUM", "FALCON"} & changed
