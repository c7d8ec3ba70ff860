"""Money that a campaign names, against the currencies of the items it advertises."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

import regex
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_currency_symbol

from models.campaigns import Campaign
from models.mistakes.advertised import advertised_items
from models.mistakes.known import KnownItems
from models.mistakes.mistake import Mistake, cited, listed
from models.money import INDEX

_SIGN: Final = r"(?P<sign>[A-Za-z]{0,3}\p{Sc}|(?<![A-Z])[A-Z]{3}(?![A-Z]))"
_AMOUNTS: Final = (
    regex.compile(rf"(?<![A-Za-z0-9]){_SIGN}\s?\d[\d.,]*+(?![A-Za-z])"),
    regex.compile(rf"\d\s?{_SIGN}(?!\w)"),
)
_WORDS: Final = frozenset({"ALL", "BAM", "COP", "CUP", "GEL", "MOP", "PEN", "TOP", "TRY"})
"""Codes that texts in capitals hold as words: "TOP 10"."""


def money_mistakes(campaign: Campaign, known: KnownItems) -> Iterator[Mistake]:
    """Amounts in a currency that none of the items has, and a budget that could be of several. Signs of
    letters alone ("kr", "Ft") are left out: they mean other things as well."""
    advertised = advertised_items(campaign, known)
    currencies = sorted({known.currency_of[each] for each in advertised if each in known.currency_of})
    if not currencies:
        return
    if campaign.budget is not None and len(currencies) > 1:
        what = f"is {campaign.budget:g} in no stated currency, and its items cost {listed(currencies)}"
        yield Mistake("budget", "warning", what, "items of one currency")
    for where, text in _texts(campaign):
        for sign in dict.fromkeys(_signs(text)):
            if not any(_means(sign, each) for each in currencies):
                what = f"names money in {cited(sign)}, and the items it advertises have prices in another"
                yield Mistake(where, "warning", what, listed(currencies))


def _texts(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Everything that copy may take over, with its place."""
    for where, texts in (
        ("brief.facts", campaign.facts),
        ("brief.must_use", campaign.must_use),
        ("pool.claims", campaign.claims),
        ("pool.ctas", campaign.ctas),
    ):
        yield from ((f"{where}[{at}]", text) for at, text in enumerate(texts))
    for at, template in enumerate(campaign.templates):
        for field in ("headline", "description", "cta"):
            yield f"templates[{at}].{field}", getattr(template, field)


def _signs(text: str) -> Iterator[str]:
    """Signs and ISO codes that stand at figures."""
    plain = unicodedata.normalize("NFKC", text)
    for pattern in _AMOUNTS:
        for match in pattern.finditer(plain):
            sign = match["sign"]
            if not sign.isalpha() or (sign in INDEX and sign not in _WORDS):
                yield sign


def _means(sign: str, currency: str) -> bool:
    """Whether a sign may stand for a currency: its code, a sign it has at home or in English, or such a sign
    behind the code's beginning ("US$")."""
    return sign in _signs_of(currency) or (
        currency.startswith(sign[:-1].upper()) and sign[-1] in _signs_of(currency)
    )


@cache
def _signs_of(currency: str) -> frozenset[str]:
    """By Unicode CLDR, in English and in the official languages where it is legal tender now."""
    found = {currency, get_currency_symbol(currency, "en")}
    for territory, entries in get_global("territory_currencies").items():
        if any(code == currency and end is None and tender for code, _, end, tender in entries):
            for language in get_official_languages(territory):
                try:
                    found.add(get_currency_symbol(currency, Locale.parse(f"{language}_{territory}")))
                except (UnknownLocaleError, ValueError):
                    continue  # CLDR lists languages that babel has no data of
    return frozenset(unicodedata.normalize("NFKC", each) for each in found)
