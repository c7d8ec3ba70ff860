"""Money as an ad shows it, in the way of the reader's language."""

from __future__ import annotations

from typing import Final

from models.brief.brief import language_of

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
_WITHOUT_CENTS: Final = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "HUF"})
_POINT_GROUPS: Final = frozenset({"de", "es", "it", "nl", "pt", "da", "id", "tr", "el"})
_SPACE_GROUPS: Final = frozenset({"fr", "pl", "cs", "sk", "sv", "nb", "no", "fi", "ru", "uk", "bg"})
_ALWAYS_CENTS: Final = _POINT_GROUPS | _SPACE_GROUPS | {"zh"}


def decimal_comma(locale: str) -> bool:
    """Whether a language writes 12,50 for twelve and a half."""
    return language_of(locale) in _POINT_GROUPS | _SPACE_GROUPS


def price_text(minor: int, currency: str, locale: str = "en") -> str:
    """`minor` units as text: "$12.50" and "$12" in English, "1.299,00 €" in German, "¥1,299.00" in Chinese,
    "12.50 CHF" without a sign."""
    language, whole, cents = (
        language_of(locale),
        *(divmod(minor, 100) if currency not in _WITHOUT_CENTS else (minor, 0)),
    )
    comma = decimal_comma(locale)
    group = "," if not comma else "." if language in _POINT_GROUPS else "\u00a0"
    amount = f"{whole:,}".replace(",", group)
    if currency not in _WITHOUT_CENTS and (cents or language in _ALWAYS_CENTS):
        amount += f"{',' if comma else '.'}{cents:02d}"
    sign = _SIGNS.get(currency)
    if comma or sign is None:
        return f"{amount} {sign or currency}"
    return f"{sign}{amount}"


def saving_percent(price_minor: int | None, salesprice_minor: int | None) -> int | None:
    """Whole percent saved, rounded down so that it never promises more than is true; None below 1 %."""
    if price_minor is None or salesprice_minor is None or not 0 < salesprice_minor < price_minor:
        return None
    return (price_minor - salesprice_minor) * 100 // price_minor or None


def percent_text(percent: int, locale: str = "en") -> str:
    """ "25%", in languages that put a space before the sign "25 %"."""
    return f"{percent} %" if decimal_comma(locale) else f"{percent}%"
