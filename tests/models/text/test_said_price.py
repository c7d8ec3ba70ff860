"""A price that a text says already, however it writes its zeros."""

from __future__ import annotations

import pytest

from models.text.said_price import says_price


@pytest.mark.parametrize(
    ("text", "price", "says"),
    [
        ("Bis 8 m Fugen für 189 €", "189,00 €", True),
        ("A pie at $24.99", "$24.99", True),
        ("A pie at $24", "$24.00", True),
        ("für 1189 €", "189,00 €", False),
        ("$249 off", "$24.00", False),
        ("$24.50 each", "$24.00", False),
        ("anything", "", False),
    ],
)
def test_a_price_is_found(text: str, price: str, says: bool) -> None:
    assert says_price(text, price) is says
