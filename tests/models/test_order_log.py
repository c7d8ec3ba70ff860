"""Order lines: exact money, ids by file and line, nobody left out."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.order_log import COLUMNS, BadLogError, OrderLine, order_lines, revenue_minor, stock

ROWS = (
    "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "C536366,85123A,WHITE HANGING HEART,-2,2010-12-01 08:30:00,2.55,17850.0,France",
    "536367,22633,,1,2010-12-01 08:31:00,0.0,,Unspecified",
    "536368,22633,HAND  WARMER ,3,2010-12-01 08:32:00,1.85,,Germany",
)


def lines(*rows: str) -> list[OrderLine]:
    return list(order_lines("2010-12", [",".join(COLUMNS), *rows]))


def test_every_line_counts_once_under_its_own_id() -> None:
    found = lines(*ROWS)
    assert [line.id for line in found] == [f"2010-12-{n}" for n in range(2, 7)]
    assert [line.value for line in found] == [Decimal(v) for v in ("15.30", "15.30", "-5.10", "0.00", "5.55")]
    assert revenue_minor(found) == 1530 + 1530 - 510 + 555


def test_customers_keep_their_key_and_guests_get_their_order() -> None:
    found = lines(*ROWS)
    assert found[0].user == "customer-17850" and not found[0].guest
    assert found[3].user == "guest-536367" and found[3].guest
    assert [line.country for line in found] == ["GBR", "GBR", "FRA", None, "DEU"]


def test_times_keep_their_order() -> None:
    times = [line.ts_ms for line in lines(*ROWS)]
    assert times == sorted(times) and times[2] - times[0] == 4 * 60_000


@pytest.mark.parametrize(
    "row",
    [
        "1,A,x,many,2010-12-01 08:26:00,1,2,F",
        "1,A,x,1,yesterday,1,2,F",
        "1,A,x,1,2010-12-01,free,2,F",
        "1,A,x,nan,2010-12-01,1,2,F",
        "1,A",
    ],
)
def test_a_line_that_cannot_be_read_stays_in_the_log(row: str) -> None:
    [line] = lines(row)
    assert not line.readable and line.id == "2010-12-2" and revenue_minor([line]) == 0


def test_another_file_is_refused_by_name() -> None:
    with pytest.raises(BadLogError, match=r"^the first line must be InvoiceNo,StockCode.*; it is "):
        list(order_lines("notes", ["a,b,c"]))


@given(st.lists(st.tuples(st.integers(-10_000, 10_000), st.decimals(0, 10_000, places=2)), max_size=20))
def test_revenue_is_the_exact_sum_in_pennies(sales: list[tuple[int, Decimal]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(
        ("1", "A", "a, b", quantity, "2010-12-01 08:26:00", price, "7", "France") for quantity, price in sales
    )
    assert revenue_minor(lines(*text.getvalue().splitlines())) == sum(
        quantity * int(price.scaleb(2)) for quantity, price in sales
    )


def test_fractions_of_a_penny_go_to_the_even_one() -> None:
    assert [line.value for line in lines("1,A,a,1,2010-12-01,0.125,7,F", "1,A,a,1,2010-12-01,0.135,7,F")] == [
        Decimal("0.12"),
        Decimal("0.14"),
    ]


def test_articles_have_the_commonest_text_and_the_median_price_of_sales() -> None:
    articles = stock(
        lines(
            *ROWS,
            "1,85123A,damaged,1,2010-12-01,2.95,7,F",
            "1,85123A,WHITE HANGING HEART,1,2010-12-01,2.95,7,F",
        )
    )
    assert [(each.item_id, each.title, each.price) for each in articles] == [
        ("22633", "Hand Warmer", Decimal("1.85")),
        ("85123A", "White Hanging Heart", Decimal("2.95")),
    ]
