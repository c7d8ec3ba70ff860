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
    titles = {article.item_id: article.title for article in stock(lines)}
    writer = csv.writer(sys.stdout)
    writer.writerow(("user", "item", "ts", "text"))
    for line in lines:
        if line.value > 0 and not line.guest and _PRODUCT.match(line.item_id) and line.item_id in titles:
            writer.writerow((line.user, line.item_id, line.ts_ms, titles[line.item_id]))


if __name__ == "__main__":
    main()
