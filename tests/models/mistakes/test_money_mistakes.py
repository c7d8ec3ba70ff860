"""Money of a campaign in another currency than its items have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.campaigns import Campaign, Template
from models.item import Item
from models.mistakes.campaign import campaign_mistakes
from models.mistakes.known import KnownItems
from models.mistakes.money import money_mistakes

TEMPLATE = Template("t1", "native", "en", "{title}", "{title} for {price}.", "Shop now", 3)
CAMPAIGN = Campaign("c1", 1, "active", "Nordlicht", templates=(TEMPLATE,))


def items(*currencies: str, price: int | None = 1_000) -> KnownItems:
    return KnownItems.of(
        [
            Item(f"i-{each}", "Lamp", "https://s.example", "lamp", (each.lower(),), "", price, None, each)
            for each in currencies
        ]
    )


def said(campaign: Campaign, known: KnownItems) -> list[tuple[str, str]]:
    found = list(money_mistakes(campaign, known))
    assert {each.severity for each in found} <= {"warning"}
    return [(each.where, each.allowed) for each in found]


@pytest.mark.parametrize(
    ("currency", "right", "wrong"),
    [
        ("USD", ["Free over $50", "USD 50", "50 USD", "US$50"], ["50 €", "£50", "EUR 50", "CA$50", "50 SEK"]),
        ("EUR", ["ab 50 €", "50€", "EUR 50"], ["$50", "50 CHF", "￥50"]),
        ("CAD", ["Free over $50", "CA$50", "C$50"], ["US$50", "A$50"]),
        ("BRL", ["R$ 50"], ["$ 50"]),
        ("JPY", ["￥500", "¥500"], ["500 KRW"]),
        ("TRY", ["₺50"], ["₽50"]),
    ],
)
def test_signs_and_codes_at_figures_are_held_to_the_items(
    currency: str, right: list[str], wrong: list[str]
) -> None:
    known = items(currency)
    assert said(replace(CAMPAIGN, facts=tuple(right)), known) == []
    assert said(replace(CAMPAIGN, facts=tuple(wrong)), known) == [
        (f"brief.facts[{at}]", currency) for at in range(len(wrong))
    ]


def test_what_is_no_money_is_left_alone() -> None:
    texts = ("LED 40, USB 3, DIN 912", "50 % off", "5 kr", "TOP 10", "ALL 24 lamps", "Model XPF90EUR2")
    found = said(replace(CAMPAIGN, facts=texts), items("USD"))
    assert found == []


def test_every_text_that_copy_takes_over_is_read() -> None:
    priced = replace(TEMPLATE, description="Only 5 €.")
    whole = replace(CAMPAIGN, must_use=("5 €",), claims=("5 €",), ctas=("Ab 5 €",), templates=(priced,))
    assert [where for where, _ in said(whole, items("USD"))] == [
        "brief.must_use[0]",
        "pool.claims[0]",
        "pool.ctas[0]",
        "templates[0].description",
    ]


def test_only_items_it_advertises_and_that_have_a_price_count() -> None:
    euros = replace(CAMPAIGN, facts=("Free over 50 €",), budget=100.0)
    assert said(euros, items("USD", "EUR")) == [("budget", "items of one currency")]
    assert said(replace(euros, item_categories=("eur",)), items("USD", "EUR")) == []
    assert said(replace(euros, item_categories=("usd",)), items("USD", "EUR")) == [("brief.facts[0]", "USD")]
    assert said(euros, items("USD", price=None)) == []


def test_it_stands_among_the_mistakes_of_a_campaign() -> None:
    euros = replace(CAMPAIGN, facts=("Free over 50 €",))
    assert "brief.facts[0]" in {each.where for each in campaign_mistakes(euros, items("USD"), 0)}
    assert "brief.facts[0]" not in {each.where for each in campaign_mistakes(euros, None, 0)}
