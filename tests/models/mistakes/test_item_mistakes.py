"""What ads cannot say of an item is told, whatever language its feed is in."""

from __future__ import annotations

from typing import Any

import pytest

from models.item import Item
from models.mistakes.item import item_mistakes
from streams.mapping.catalog_items import item_of
from streams.records import CatalogItem

SHOE = Item("i1", "Trail Shoe", "u", "shoe")


@pytest.mark.parametrize("title", ["Sch\ufffdne Lampe", "Caf&#0; Mug", "\ufffd"])
def test_a_title_that_lost_a_letter_is_told_and_not_shown(title: str) -> None:
    text = "A lamp. A gl\ufffdss shade. Of brass."
    item = item_of(CatalogItem("i1", title, "https://shop.example/1", noun="Lampe", text=text))
    assert (item.title, item.noun, item.text) == ("", "Lampe", "A lamp. Of brass.")
    told = {each.where: str(each) for each in item_mistakes(item, None, None, None, "in_stock")}
    assert "lost one (U+FFFD)" in told["title"]


def found(**said: Any) -> list[str]:
    stated = {"price": 9.5, "salesprice": None, "currency": "EUR", "availability": "in_stock"} | said
    return [each.where for each in item_mistakes(SHOE, **stated)]


@pytest.mark.parametrize("word", ["nicht verfügbar", "0", "ausverkauft", "épuisé", "no", "false", ""])
def test_an_availability_that_nobody_knows_is_told(word: str) -> None:
    assert found(availability=word) == ["availability"]


@pytest.mark.parametrize("word", ["in stock", "out_of_stock", "https://schema.org/PreOrder", "Sold-Out"])
def test_the_words_of_feeds_are_known(word: str) -> None:
    assert not found(availability=word)


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"price": 12.5, "currency": "JPY"}, ["price"]),
        ({"price": 0.5, "currency": "JPY"}, ["price"]),
        ({"price": 19.999, "currency": "USD"}, ["price"]),
        ({"price": 20, "salesprice": 12.345}, ["salesprice"]),
        ({"price": 1e9, "currency": "KWD"}, []),
        ({"price": 129.99000000000001}, []),
        ({"price": 12.345, "currency": "KWD"}, []),
    ],
)
def test_a_price_with_more_places_than_its_currency_is_told(said: dict[str, Any], where: list[str]) -> None:
    assert found(**said) == where
