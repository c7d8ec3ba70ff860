"""Cuts through the prices of each code, and what a price stands for among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.catalog.prices import CUTS, fit_cuts, price_z
from models.item import Item


def items_of(prices: list[int | None], currency: str = "GBP") -> list[Item]:
    return [
        Item(f"{currency}{n}", "a", "u", "", price_minor=price, currency=currency)
        for n, price in enumerate(prices)
    ]


CHEAP = items_of(list(range(100, 200)))
DEAR = [
    replace(each, item_id=f"d{each.item_id}", price_minor=100 * (each.price_minor or 0)) for each in CHEAP
]
BOTH = [*CHEAP, *DEAR]
CODES = np.repeat([0, 1], 100)


def test_a_price_stands_among_its_like_alone() -> None:
    cuts = fit_cuts(BOTH, CODES)
    z = price_z(cuts, BOTH, CODES)
    assert np.array_equal(z[:100], z[100:]), (
        "cheap things that are dear for what they are stand like dear ones"
    )
    assert (np.diff(z[:100]) >= 0).all() and z[0] < -1.5 and z[99] > 1.5
    assert abs(z[:100].mean()) < 0.05 and 0.8 < z[:100].std() < 1
    assert price_z(cuts, BOTH, 1 - CODES)[0] == z[0] and price_z(cuts, BOTH, 1 - CODES)[99] == z[0]


def test_what_is_bought_decides_where_the_middle_is() -> None:
    weight = np.ones(100)
    weight[90:] = 100.0
    z = price_z(fit_cuts(CHEAP, CODES[:100], weight), CHEAP, CODES[:100])
    assert z[89] < -1.2 and abs(z[94]) < 0.3 < z[99]


def test_currencies_are_cut_apart_and_few_items_take_the_cuts_of_all() -> None:
    yen = [replace(each, item_id=f"y{each.item_id}", currency="JPY") for each in DEAR]
    few = items_of([110, 190])
    codes = np.concatenate((CODES[:100], CODES[:100], [2, 2]))
    every = [*CHEAP, *yen, *few]
    cuts = fit_cuts(every, codes)
    z = price_z(cuts, every, codes)
    assert np.array_equal(z[:100], z[100:200])
    assert z[200] == pytest.approx(z[10], abs=0.2) and z[201] == pytest.approx(z[90], abs=0.2)
    assert all(len(each) == CUTS for each in cuts.values())


def test_no_price_no_currency_and_equal_prices_say_nothing() -> None:
    cuts = fit_cuts(CHEAP, CODES[:100])
    unknown = [
        replace(CHEAP[0], price_minor=None),
        replace(CHEAP[0], price_minor=0),
        replace(CHEAP[0], currency="CHF"),
    ]
    assert np.isnan(price_z(cuts, unknown, CODES[:3])).all()
    alike = items_of([250] * 20)
    assert (price_z(fit_cuts(alike, CODES[:20]), alike, CODES[:20]) == 0).all()
    assert price_z(fit_cuts(alike, CODES[:20]), items_of([900]), CODES[:1])[0] > 1.5
