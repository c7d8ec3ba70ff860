"""The orders of the UK gift shop (UCI "Online Retail", a gzip CSV a month) as sequences.

    python -m tests.bench.detector.retail FOLDER > FILE.csv

A line of an order that a known customer paid for is a positive.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path
from typing import Final

from agents.replay.orders import files_of, read_files
from models.order_log import stock

_PRODUCT: Final = re.compile(r"\d{5}")
"""How the codes of things begin; others are postage, fees and corrections."""


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    lines = list(read_files(files_of([Path(sys.argv[1])], None)))
    articles = {article.item_id: article for article in stock(lines)}
    writer = csv.writer(sys.stdout)
    writer.writerow(("user", "item", "ts", "text", "price"))
    for line in lines:
        article = articles.get(line.item_id)
        if line.value > 0 and not line.guest and _PRODUCT.match(line.item_id) and article is not None:
            pence = int(article.price.scaleb(2))
            writer.writerow((line.user, line.item_id, line.ts_ms, article.title, pence))


if __name__ == "__main__":
    main()
