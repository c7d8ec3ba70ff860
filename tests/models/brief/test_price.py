"""Prices in ads: exact in every currency of ISO 4217 and every language, and only whole ones."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.brief.brief import Brief
from models.brief.facts import facts_of
from models.brief.price import asked_price, decimal_comma, price_text, price_texts, saving_percent
from models.brief.slots import slot_texts
from models.copywriter.text_format import item_text
from models.money import CURRENCIES, EXPONENTS, INDEX
from models.review.template import fill_template, slot_values

SHOWN = [code for code in CURRENCIES if code not in ("", "XXX")]
LOCALES = (
    "en",
    "en-GB",
    "de-DE",
    "de-CH",
    "fr",
    "es",
    "pt",
    "pl",
    "tr",
    "th",
    "ar",
    "zh-CN",
    "hi",
    "hu",
    "xx",
)
BRIEF = Brief("r", "c", "native", "Northfold", "Oak Desk", "desk", price_minor=4990, currency="EUR")


def _read(text: str, currency: str, locale: str) -> Decimal:
    """The amount in major units that a reader of the language takes from a price."""
    point = "," if decimal_comma(locale) else "."
    figures = text.replace(currency, "")
    return Decimal(
        "".join(char for char in figures.replace(point, "!") if char in "0123456789!").replace("!", ".")
    )


@pytest.mark.parametrize("code", SHOWN)
@given(minor=st.integers(1, 10**15), locale=st.sampled_from(LOCALES))
def test_a_shown_price_reads_back_exactly(code: str, minor: int, locale: str) -> None:
    text = price_text(minor, code, locale)
    assert _read(text, code, locale).scaleb(EXPONENTS[INDEX[code]]) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (12_500, "KWD", "en", "12.500 KWD"), (129_900_00, "HUF", "hu", "129\u00a0900 HUF"),
        (1_299, "CLP", "es", "1.299 CLP"), (150_000_00, "IDR", "id", "150.000 IDR"),
        (19_990, "XOF", "fr", "19\u00a0990 XOF"), (4_990, "ISK", "en", "4,990 ISK"),
        (129_990, "TRY", "tr-TR", "1.299,90 TRY"), (50_00, "THB", "th", "50 THB"),
        (12_345, "CLF", "en", "1.2345 CLF"), (1_250_000, "UGX", "en", "1,250,000 UGX"),
    ],
)  # fmt: skip
def test_minor_units_are_those_of_the_currency(minor: int, currency: str, locale: str, text: str) -> None:
    assert price_text(minor, currency, locale) == text


@pytest.mark.parametrize(
    ("price", "sale", "currency", "shown"),
    [
        (4990, None, "EUR", "€49.90"), (4990, 3990, "EUR", "€39.90"), (None, 3990, "EUR", "€39.90"),
        (4990, 4990, "EUR", "€49.90"), (4990, 0, "EUR", "€49.90"), (0, 3990, "EUR", "€39.90"),
        (4990, 5990, "EUR", ""), (0, None, "EUR", ""), (0, 0, "EUR", ""), (-1, None, "EUR", ""),
        (4990, None, "", ""), (4990, None, "XXX", ""), (4990, None, "ZZQ", ""), (None, None, "EUR", ""),
    ],
)  # fmt: skip
def test_only_a_positive_and_whole_price_is_shown_anywhere(
    price: int | None, sale: int | None, currency: str, shown: str
) -> None:
    brief = replace(BRIEF, price_minor=price, salesprice_minor=sale, currency=currency)
    assert asked_price(brief) == shown
    assert slot_values(brief).get("price", "") == slot_texts(brief).get("price", "") == shown
    assert ("Price" in item_text(brief)) is bool(shown)
    filled = fill_template("{noun} {price}.", "See it for {price}. See it.", "Shop now", brief)
    assert ("€" in filled.headline + filled.description) is bool(shown)
    if not shown:
        assert price_texts(brief) == [] and saving_percent(price, sale) is None
        assert not any(char.isdigit() for number in facts_of(brief).numbers for char in number)
