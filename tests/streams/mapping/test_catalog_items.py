from __future__ import annotations

import pytest

from streams.mapping.campaigns import campaign_of
from streams.mapping.catalog_items import item_of
from streams.records import Advertiser, Campaign, Cap, CatalogItem, Flight, Targeting, Template


def test_prices_become_minor_units_of_their_currency() -> None:
    item = item_of(
        CatalogItem(
            "i1", "Trail Shoe", "https://shop.example", price=129.99, salesprice=100, cur="eur", cat=["shoes"]
        )
    )
    assert (item.price_minor, item.salesprice_minor, item.charged_minor, item.currency) == (
        12_999,
        10_000,
        10_000,
        "EUR",
    )
    assert item_of(CatalogItem("i1", "Trail Shoe", "u", price=900, cur="JPY")).price_minor == 900
    assert (item.noun, item.category) == ("Shoe", "shoes")


@pytest.mark.parametrize(
    ("price", "sale", "cur", "known"),
    [
        (9.5, None, None, (None, None, "")), (9.5, 4.0, "XXX", (None, None, "")),
        (0, None, "EUR", (None, None, "EUR")), (9.5, 0, "EUR", (950, None, "EUR")),
        (9.5, 12, "EUR", (None, None, "EUR")), (9.5, 9.5, "EUR", (950, None, "EUR")),
        (12.345, None, "KWD", (12_345, None, "KWD")),
        (129.99000000000001, None, "EUR", (12_999, None, "EUR")),
        (12.5, None, "JPY", (None, None, "")), (20, 19.999, "USD", (None, None, "")),
    ],
)  # fmt: skip
def test_a_price_that_is_not_positive_and_whole_is_a_price_unknown(
    price: float, sale: float | None, cur: str | None, known: tuple[int | None, int | None, str]
) -> None:
    item = item_of(CatalogItem("i1", "Trail Shoe", "u", price=price, salesprice=sale, cur=cur))
    assert (item.price_minor, item.salesprice_minor, item.currency) == known


def test_a_currency_that_does_not_exist_is_a_price_unknown() -> None:
    item = item_of(CatalogItem("i1", "Trail Shoe", "u", price=9.5, cur="ZZQ"))
    assert (item.price_minor, item.currency) == (None, "")


@pytest.mark.parametrize(
    ("word", "available"),
    [
        *((word, True) for word in ("in_stock", "preorder", "something new")),
        *(
            (word, False)
            for word in ("out_of_stock", "out of stock", "https://schema.org/OutOfStock", "Sold-Out")
        ),
    ],
)
def test_availability_in_any_spelling(word: str, available: bool) -> None:
    assert item_of(CatalogItem("i1", "Shoe", "u", availability=word)).available is available


def test_a_campaign_keeps_what_matching_needs() -> None:
    record = Campaign(
        "c1", 3, "active", Advertiser("Example Ltd", ["shop.example"]),
        flight=Flight(10, 20), slots=["native"], targeting=Targeting(geo=["GBR"], device=[4]),
        cap=[Cap(3, 60)],
        templates=[Template("t1", "native", "en", "h", "d", "c", 2),
        Template("t2", "native", "en", "h", "d", "c", 1)],
    )  # fmt: skip
    campaign = campaign_of(record)
    assert campaign.brand == "Example Ltd"
    assert [campaign.running(t) for t in (9, 10, 19, 20)] == [False, True, True, False]
    assert [t.template_id for t in campaign.templates_for("native", "en-GB")] == ["t1"]
    assert (campaign.geo, campaign.devices, campaign.caps[0].n) == (("GBR",), (4,), 3)


def test_a_title_is_cleaned_once_at_intake_and_its_noun_is_never_guessed() -> None:
    item = item_of(CatalogItem("i1", "The of, Tom &amp; Co <b>LEGO</b>\u00ad", "u", cat=["Toys > Puzzles"]))
    assert (item.title, item.noun) == ("The of, Tom & Co LEGO", "")
