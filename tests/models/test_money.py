"""Money is exact: what was written in decimal is what is booked."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import (
    CURRENCIES,
    EXPONENTS,
    INDEX,
    LARGEST,
    MOST_SUM,
    MoneyError,
    bookable,
    currency_index,
    impression_micros,
    micros_to_minor,
    minor,
    scaled,
    sum_of,
)


@given(st.decimals(min_value="-9999999", max_value="9999999", places=4), st.integers(0, 4))
def test_a_float_is_booked_as_the_decimal_it_was_written_as(amount: Decimal, places: int) -> None:
    assert scaled(float(amount), places) == int(amount.scaleb(places).to_integral_value(ROUND_HALF_EVEN))


@pytest.mark.parametrize(
    ("amount", "code", "booked"),
    [(0.29, "USD", 29), (1.005, "KWD", 1005), (700, "JPY", 700), (2.675, "EUR", 268), (-5.1, "EUR", -510)],
)
def test_minor_units_follow_the_currency(amount: float, code: str, booked: int) -> None:
    assert minor(amount, currency_index(code)) == booked


def test_the_cost_of_one_impression_is_not_rounded_away() -> None:
    assert micros_to_minor(1_000 * impression_micros(1.2), INDEX["EUR"]) == 120


def test_the_table_is_whole_and_unknown_codes_are_refused() -> None:
    assert len(CURRENCIES) == len(EXPONENTS) == len(set(CURRENCIES)) <= 256
    with pytest.raises(MoneyError):
        currency_index("ABC")
    with pytest.raises(MoneyError):
        scaled(1e19, 2)


@pytest.mark.parametrize("sign", [1, -1])
def test_one_amount_is_bounded_and_no_sum_of_them_leaves_64_bits(sign: int) -> None:
    assert minor(sign * 1e12, INDEX["JPY"]) == sign * LARGEST == bookable(sign * LARGEST)
    for refused in (1e12 + 1, 1e12):
        with pytest.raises(MoneyError, match="at most"):
            minor(sign * refused, INDEX["JPY" if refused > LARGEST else "USD"])
    assert sum_of(sign * MOST_SUM, sign * LARGEST) == sign * MOST_SUM
    assert sum_of(sign * MOST_SUM, -sign * LARGEST) == sign * (MOST_SUM - LARGEST)


def test_minor_units_are_those_that_iso_publishes() -> None:
    published = {each.code: each.exponent for each in iso4217.Currency if each.exponent is not None}
    assert {code: EXPONENTS[INDEX[code]] for code in published} == published


def test_the_index_of_a_currency_in_stored_rows_never_moves() -> None:
    stored = {"XXX": 1, "AED": 2, "EUR": 45, "BIF": 144, "BHD": 161, "CLF": 168, "UYW": 169, "XAD": 170}
    assert {code: INDEX[code] for code in stored} == stored


@given(st.sampled_from(sorted(INDEX)), st.integers(-(10**12), 10**12))
def test_every_currency_books_what_was_written(code: str, booked: int) -> None:
    assert minor(float(Decimal(booked).scaleb(-EXPONENTS[INDEX[code]])), INDEX[code]) == booked
