"""Money as an ad shows it."""

from __future__ import annotations

from typing import Final

_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "KRW": "₩", "AUD": "A$", "CAD": "C$"}
_WITHOUT_CENTS: Final = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "HUF"})


def price_text(minor: int, currency: str) -> str:
    """`minor` units as text: "$12.50", "$12" when there are no cents, "12.50 CHF" for a currency without a common sign."""
    if currency in _WITHOUT_CENTS:
        amount = f"{minor:,}"
    else:
        whole, cents = divmod(minor, 100)
        amount = f"{whole:,}.{cents:02d}" if cents else f"{whole:,}"
    sign = _SYMBOLS.get(currency)
    return f"{sign}{amount}" if sign else f"{amount} {currency}"


def saving_percent(price_minor: int | None, salesprice_minor: int | None) -> int | None:
    """Whole percent saved, rounded down so that it never promises more than is true; None below 1 %."""
    if price_minor is None or salesprice_minor is None or not 0 < salesprice_minor < price_minor:
        return None
    return (price_minor - salesprice_minor) * 100 // price_minor or None
