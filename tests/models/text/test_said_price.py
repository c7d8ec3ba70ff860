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
        ("Statt 15,99 €", "5,99 €", False),
        ("now $49.95", "$49", False),
        ("Save $1 today", "$1,000.00", False),
        ("Nur 1 € Versand", "1.000,00 €", False),
        ("Nur 1.000 €!", "1.000,00 €", True),
        ("Only $1,000.", "$1,000.00", True),
        ("Zu 1 189,00 €", "189,00 €", False),
        ("At 11 000,00 €", "1 000,00 €", False),
        ("For ¥1,000, shipped", "¥1,000", True),
        ("$1,000 off", "$1", False),
        ("Size 5 $24.99", "$24.99", True),
    ],
)
def test_a_price_is_found(text: str, price: str, says: bool) -> None:
    assert says_price(text, price) is says
