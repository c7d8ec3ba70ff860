"""Money as an ad shows it, in the way of the reader's language."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_currency_symbol

from models.brief.brief import Brief, language_of
from models.money import EXPONENTS, INDEX, price_offer_of

_UNSEEN: Final = str.maketrans({"\u200e": None, "\u200f": None, "\u061c": None, "\u202f": "\u00a0", "’": "'"})
"""Marks of direction are the page's business; thin spaces and apostrophes as every font has them."""


class PriceForm(NamedTuple):
    """How a locale writes amounts of a currency, in Western digits."""

    before: str
    after: str
    point: str
    group: str
    first: int  # figures in the last group, and in each before it: 3 and 2 in India
    others: int
    whole: bool  # 12 is written without decimals


@lru_cache(maxsize=512)
def _locale(locale: str) -> Locale:
    """The locale that is nearest to a tag; English when nobody knows it."""
    for tag in (locale.replace("_", "-"), language_of(locale)):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale("en")


@lru_cache(maxsize=512)
def _figures(locale: str) -> tuple[str, str]:
    """(decimal sign, group sign) of Western digits."""
    symbols = _locale(locale).number_symbols
    latin = symbols.get("latn") or Locale("en").number_symbols["latn"]
    return str(latin["decimal"]), str(latin["group"]).translate(_UNSEEN)


@lru_cache(maxsize=4096)
def price_form(currency: str, locale: str) -> PriceForm:
    """Sign, its place, and the figures of a currency as readers of a locale know them (Unicode CLDR)."""
    known, (point, group) = _locale(locale), _figures(locale)
    pattern = known.currency_formats["standard"]
    sign = str(get_currency_symbol(currency, known)).translate(_UNSEEN).replace("\u00a0", " ").strip()
    before, after = (
        part[0].replace("¤", sign).translate(_UNSEEN).replace("\u00a0", " ")
        for part in (pattern.prefix, pattern.suffix)
    )
    first, others = pattern.grouping
    whole = not (point == "," or language_of(locale) == "zh") or not _usual_places(currency)
    before += "" if _stands_alone(before[-1:]) else " "
    after = after if _stands_alone(after[:1]) else f" {after}"
    return PriceForm(before, after, point, group, first, others, whole)


def _stands_alone(char: str) -> bool:
    """Whether a figure may stand right beside: "$12", but "CHF 12" and "Cg. 12"."""
    return not char or char == " " or unicodedata.category(char) == "Sc"


def decimal_comma(locale: str) -> bool:
    """Whether a locale writes 12,50 for twelve and a half."""
    return _figures(locale)[0] == ","


def price_text(minor: int, currency: str, locale: str = "en") -> str:
    """`minor` units as text, exact: "$12.50" and "$12" in English, "1.299,00 €" in German, "₺1.299,90" in
    Turkish, "CHF 12.50" where a sign would say less. '' for money that has no currency or is not
    positive."""
    index = INDEX.get(currency, 0)
    if price_offer_of(minor, None, index) == (None, None):
        return ""
    form, places = price_form(currency, locale), EXPONENTS[index]
    whole, rest = divmod(minor, 10**places)
    amount = _grouped(str(whole), form)
    if rest or not form.whole:
        amount += f"{form.point}{rest:0{places}d}"
    return f"{form.before}{amount}{form.after}"


def _grouped(figures: str, form: PriceForm) -> str:
    parts, rest = [figures[-form.first :]], figures[: -form.first]
    while rest:
        parts.append(rest[-form.others :])
        rest = rest[: -form.others]
    return form.group.join(reversed(parts))


def _usual_places(currency: str) -> int:
    """Decimal places that prices in a currency usually have: none in forints, though ISO counts fillér."""
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def amounts_of(brief: Brief) -> tuple[int, ...]:
    """The brief's prices that may be shown, in minor units: whole price, sale price."""
    offer = price_offer_of(brief.price_minor, brief.salesprice_minor, INDEX.get(brief.currency, 0))
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
    """ "25%", "25 %" in German, "%25" in Turkish."""
    pattern = _locale(locale).percent_formats[None]
    before, after = (
        part[0].translate(_UNSEEN).replace("\u00a0", " ") for part in (pattern.prefix, pattern.suffix)
    )
    return f"{before}{percent}{after}"
