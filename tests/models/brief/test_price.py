"""Prices in ads: exact in every currency of ISO 4217 and every language, and only whole ones."""

from __future__ import annotations

import re
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
from models.text.normalise import clean

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
    "pt-BR",
    "sv",
    "nl",
    "en-IN",
    "es-MX",
    "fa",
    "he",
    "ja",
    "tr",
    "th",
    "ar",
    "zh-CN",
    "hi",
    "hu",
    "xx",
)
BRIEF = Brief("r", "c", "native", "Northfold", "Oak Desk", "desk", price_minor=4990, currency="EUR")


def _read(text: str, locale: str) -> Decimal:
    """The amount in major units that a reader of the language takes from a price."""
    (amount,) = re.findall(r"[0-9](?:[0-9.,'\u00a0]*[0-9])?", text)
    point = "," if decimal_comma(locale) else "."
    whole, _, rest = amount.partition(point)
    return Decimal(f"{re.sub('[^0-9]', '', whole)}.{rest or 0}")


@pytest.mark.parametrize("code", SHOWN)
@given(minor=st.integers(1, 10**15), locale=st.sampled_from(LOCALES))
def test_a_shown_price_reads_back_exactly(code: str, minor: int, locale: str) -> None:
    text = price_text(minor, code, locale)
    assert _read(text, locale).scaleb(EXPONENTS[INDEX[code]]) == minor
    assert text.replace("\u00a0", " ") == clean(text, 80), "copy that is cleaned shows the same price"


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (12_500, "KWD", "en", "KWD 12.500"), (129_900_00, "HUF", "hu", "129\u00a0900 Ft"),
        (1_299, "CLP", "es-CL", "$1.299"), (150_000_00, "IDR", "id", "Rp 150.000"),
        (19_990, "XOF", "fr", "19\u00a0990 F CFA"), (4_990, "ISK", "en", "ISK 4,990"),
        (129_990, "TRY", "tr-TR", "₺1.299,90"), (50_00, "THB", "th", "฿50"),
        (9_990_00, "INR", "en-IN", "₹9,990"), (12_345_678_00, "INR", "hi", "₹1,23,45,678"),
        (199_90, "PLN", "pl", "199,90 zł"),
        (199_90, "BRL", "pt-BR", "R$ 199,90"), (1_299_00, "SEK", "sv", "1\u00a0299,00 kr"),
        (1_299_00, "EUR", "nl-NL", "€ 1.299,00"), (1_299, "JPY", "ja", "￥1,299"),
        (199_90, "CAD", "en", "CA$199.90"),
        (199_90, "CAD", "en-CA", "$199.90"), (129_00, "AED", "ar", "129 د.إ."),
        (13_00, "XCG", "en", "Cg. 13"),
        (199_90, "MXN", "es-MX", "$199.90"), (12_345, "CLF", "en", "CLF 1.2345"),
        (1_250_000, "UGX", "en", "UGX 1,250,000"),
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
