"""Sums of money as people write them."""

from __future__ import annotations

from collections.abc import Mapping

from models.money import EXPONENTS, INDEX


def money_words(minor: Mapping[str, int]) -> list[str]:
    """Of minor units per currency, one each, in order of their codes."""
    return [
        f"{amount / 10**places:,.{places}f} {currency}"
        for currency, amount in sorted(minor.items())
        for places in [EXPONENTS[INDEX[currency]]]
    ]
