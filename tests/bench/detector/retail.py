"""The orders of the UK gift shop (UCI "Online Retail", a gzip CSV a month) as sequences.

    python -m tests.bench.detector.retail FOLDER > FILE.csv

A line of an order that a known customer paid for is a positive; an item's text is the description that most
of its lines have.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

_PRODUCT: Final = re.compile(r"\d{5}")
"""How the codes of things begin; others are postage, fees and corrections."""


class Line(NamedTuple):
    """One line of an order; `price` in pounds."""

    user: str
    item: str
    ts: int
    text: str
    price: float


def order_lines(folder: Path) -> Iterator[Line]:
    """What was bought, month by month. Raises SystemExit when the folder holds no month."""
    months = sorted(folder.glob("*.csv.gz"))
    if not months:
        raise SystemExit(f"{folder} holds no *.csv.gz: name the folder of Online Retail")
    for month in months:
        with gzip.open(month, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                bought = int(row["Quantity"]) > 0 and float(row["UnitPrice"]) > 0
                if bought and row["CustomerID"] and _PRODUCT.match(row["StockCode"]):
                    when = datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC)
                    yield Line(
                        row["CustomerID"].removesuffix(".0"),
                        row["StockCode"],
                        int(when.timestamp()) * 1000,
                        row["Description"].strip(),
                        float(row["UnitPrice"]),
                    )


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    lines = list(order_lines(Path(sys.argv[1])))
    texts: dict[str, Counter[str]] = {}
    for line in lines:
        texts.setdefault(line.item, Counter())[line.text] += 1
    writer = csv.writer(sys.stdout)
    writer.writerow(Line._fields)
    for line in lines:
        writer.writerow(line._replace(text=texts[line.item].most_common(1)[0][0]))


if __name__ == "__main__":
    main()
