"""What ads cannot say of an item is said at its upload."""

from __future__ import annotations

import pytest

from agents.commands.control.index_summary import counted_mistakes
from streams.records import CatalogItem


@pytest.mark.parametrize(
    ("price", "sale", "cur", "where"),
    [
        (9.5, None, None, "cur"), (9.5, None, "EURO", "cur"), (9.5, None, "XXX", "cur"),
        (0, None, "EUR", "price"),
        (9.5, 12, "EUR", "salesprice"), (9.5, 9.5, "eur", ""), (9.5, 4, "EUR", ""), (None, None, None, ""),
    ],
)  # fmt: skip
def test_a_price_that_no_ad_shows_says_why(
    price: float | None, sale: float | None, cur: str | None, where: str
) -> None:
    row = CatalogItem("i1", "Mug", "u", price=price, salesprice=sale, cur=cur, noun="mug")
    assert [each["where"] for each in counted_mistakes([row])] == ([where] if where else [])


def test_kinds_are_counted_with_the_first_item_of_each() -> None:
    rows = [CatalogItem(f"i{n}", title, "u") for n, title in enumerate(["Mug", "<b></b>", "Cup"])]
    found = {each["where"]: (each["items"], each["first"]) for each in counted_mistakes(rows)}
    assert found["noun"][0] == 3 and found["noun"][1].startswith("item i0: noun is not given")
    said = "item i1: title holds no letter that can be shown, or lost one (U+FFFD): it is not shown"
    assert found["title"] == (1, said)
