"""Money as an ad shows it, in the way of the reader's language."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from models.brief.brief import Brief, language_of
from models.money import EXPONENTS, INDEX, offer_of

_SIGNS: Final = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "CNY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "AUD": "A$",
    "CAD": "C$",
}


@lru_cache(maxsize=512)
def _symbols(language: str) -> tuple[str, str]:
    """(decimal sign, group sign) of Western digits in a language; those of English when it is not known."""
    try:
        symbols = Locale.parse(language or "en").number_symbols
    except (UnknownLocaleError, ValueError):
        return ".", ","
    latin = symbols["latn"]
    return str(latin["decimal"]), str(latin["group"]).replace("\u202f", "\u00a0").replace("’", "'")


def decimal_comma(locale: str) -> bool:
    """Whether a language writes 12,50 for twelve and a half."""
    return _symbols(language_of(locale))[0] == ","


def price_text(minor: int, currency: str, locale: str = "en") -> str:
    """`minor` units as text, exact: "$12.50" and "$12" in English, "1.299,00 €" in German, "¥1,299.00" in
    Chinese, "12.50 CHF" without a sign. '' for money that has no currency or is not positive."""
    index = INDEX.get(currency, 0)
    if offer_of(minor, None, index) == (None, None):
        return ""
    language = language_of(locale)
    point, group = _symbols(language)
    comma, places = point == ",", EXPONENTS[index]
    whole, rest = divmod(minor, 10**places)
    amount = f"{whole:,}".replace(",", group)
    if rest or ((comma or language == "zh") and _usual_places(currency)):
        amount += f"{point}{rest:0{places}d}"
    sign = _SIGNS.get(currency)
    if comma or sign is None:
        return f"{amount} {sign or currency}"
    return f"{sign}{amount}"


def _usual_places(currency: str) -> int:
    """Decimal places that prices in a currency usually have: none in forints, though ISO counts fillér."""
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def amounts_of(brief: Brief) -> tuple[int, ...]:
    """The brief's prices that may be shown, in minor units: whole price, sale price."""
    offer = offer_of(brief.price_minor, brief.salesprice_minor, INDEX.get(brief.currency, 0))
    return tuple(each for each in offer if each is not None)


def major_amounts(brief: Brief) -> set[Decimal]:
    """The same in major units."""
    places = EXPONENTS[INDEX.get(brief.currency, 0)]
    return {Decimal(minor).scaleb(-places) for minor in amounts_of(brief)}


def price_texts(brief: Brief) -> list[str]:
    """The brief's prices as they may be written: whole price, sale price."""
    return [price_text(minor, brief.currency, brief.locale) for minor in amounts_of(brief)]


def asked_price(brief: Brief) -> str:
    """What a buyer pays as text, '' when that is not known: no ad shows a price that is not whole."""
    return (price_texts(brief) or [""])[-1]


def saving_percent(price_minor: int | None, salesprice_minor: int | None) -> int | None:
    """Whole percent saved, rounded down so that it never promises more than is true; None below 1 %."""
    if price_minor is None or salesprice_minor is None or not 0 < salesprice_minor < price_minor:
        return None
    return (price_minor - salesprice_minor) * 100 // price_minor or None


def percent_text(percent: int, locale: str = "en") -> str:
    """ "25%", in languages that put a space before the sign "25 %"."""
    return f"{percent} %" if decimal_comma(locale) else f"{percent}%"
