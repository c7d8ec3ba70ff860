"""Lines of a shop's order log (UCI "Online Retail") as conversions: exact money, stable ids, nobody left
out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final

COLUMNS: Final = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
CURRENCY: Final = "GBP"
_QUOTED: Final = 120
PENNY: Final = Decimal("0.01")
_COUNTRIES: Final = {
    "United Kingdom": "GBR", "Germany": "DEU", "France": "FRA", "EIRE": "IRL", "Spain": "ESP",
    "Netherlands": "NLD", "Belgium": "BEL",
    "Switzerland": "CHE", "Portugal": "PRT", "Australia": "AUS", "Norway": "NOR", "Italy": "ITA",
    "Sweden": "SWE", "Finland": "FIN",
    "Austria": "AUT", "Japan": "JPN", "USA": "USA", "Poland": "POL", "Denmark": "DNK", "Greece": "GRC",
    "Cyprus": "CYP", "Israel": "ISR",
}  # fmt: skip
"""ISO 3166-1 alpha-3; other names travel without a country."""


class BadLogError(ValueError):
    """The file is no order log; the message says why."""


@dataclass(frozen=True)
class OrderLine:
    """One line. `user` is the customer, or the order itself for a guest: an order of nobody is nobody else's.
    `readable` False: a number or date could not be read, and the raw texts travel so that the refusal is the
    stream's own, with its reason."""

    id: str  # file + line number
    user: str
    guest: bool
    order: str
    item_id: str
    title: str
    quantity: str
    price: str
    value: Decimal  # Quantity x UnitPrice in whole pennies, ties to even; a return is negative
    ts_ms: int  # the shop's local time read as UTC, so that the order of the lines stays
    country: str | None
    readable: bool = True

    @property
    def write_off(self) -> bool:
        """Goods came back or were lost, and no penny moved: no sale."""
        return self.readable and self.value == 0 and Decimal(self.quantity) <= 0


def order_lines(name: str, rows: Iterable[str]) -> Iterator[OrderLine]:
    """Lines of one file, in order; `name` without directory and ending becomes part of the ids. Raises
    BadLogError for another header."""
    reader = csv.reader(rows)
    header = next(reader, [])
    if tuple(header) != COLUMNS:
        found = ",".join(header)[:_QUOTED] or "nothing"
        raise BadLogError(f"the first line must be {','.join(COLUMNS)}; it is {found}")
    for fields in reader:
        yield _line(f"{name}-{reader.line_num}", fields)


def _line(line_id: str, fields: Sequence[str]) -> OrderLine:
    order, item_id, title, quantity, date, price, customer, country = [*fields, *[""] * len(COLUMNS)][
        : len(COLUMNS)
    ]
    guest = not customer
    user = f"guest-{order}" if guest else f"customer-{customer.removesuffix('.0')}"
    try:
        value = _product(quantity, price)
        ts_ms = int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() * 1000)
    except (InvalidOperation, ValueError):
        return OrderLine(
            line_id, user, guest, order, item_id, title, quantity, price, Decimal(0), 0, None, readable=False
        )
    return OrderLine(
        line_id, user, guest, order, item_id, title, quantity, price, value, ts_ms, _COUNTRIES.get(country)
    )


def _product(quantity: str, price: str) -> Decimal:
    """Quantity x price in whole pennies. Raises InvalidOperation for what is no finite number."""
    product = Decimal(quantity) * Decimal(price)
    if not product.is_finite():
        raise InvalidOperation
    return product.quantize(PENNY, ROUND_HALF_EVEN)


@dataclass(frozen=True)
class StockItem:
    """An article as its order lines describe it: the commonest text, the median price of sales."""

    item_id: str
    title: str
    price: Decimal


def stock(lines: Iterable[OrderLine]) -> list[StockItem]:
    """The articles of a log, in order of code; those without a text or never sold at a price are left out."""
    titles: dict[str, Counter[str]] = {}
    prices: dict[str, list[Decimal]] = {}
    for line in lines:
        if line.readable and line.item_id and line.title.strip():
            titles.setdefault(line.item_id, Counter())[" ".join(line.title.split()).title()] += 1
            if line.value > 0:
                prices.setdefault(line.item_id, []).append(Decimal(line.price))
    known = sorted(titles.keys() & prices.keys())
    return [
        StockItem(code, titles[code].most_common(1)[0][0], sorted(prices[code])[len(prices[code]) // 2])
        for code in known
    ]


def revenue_minor(lines: Iterable[OrderLine]) -> int:
    """Batch computation of what the stream must arrive at: pennies of all readable lines, each line's own
    rounding."""
    return sum(int(line.value.scaleb(2)) for line in lines if line.readable)
