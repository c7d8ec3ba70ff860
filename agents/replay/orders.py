"""Order lines on the wire: one conversion per line, a catalogue from the articles, consent before the events.

A customer has agreed to everything. A guest's lines travel under the order's own key with the measuring
purpose alone: their money counts, nothing is learnt from them. A line whose numbers cannot be read travels as
it stands and becomes a dead letter with its reason.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from models.order_log import CURRENCY, BadLogError, OrderLine, StockItem, order_lines
from streams import records, topics
from streams.wire.output import Output

CUSTOMER: Final = records.Explicit(profile=True, personalise=True, measure=True, train=True)
GUEST: Final = records.Explicit(profile=False, personalise=False, measure=True, train=False)
WIDTH: Final = 512
"""Longest text of a line that travels on, in characters."""


def files_of(paths: Sequence[Path], month: str | None) -> list[Path]:
    """The log's files in order of name: files as named, folders by their *.csv.gz; `month` keeps those that
    begin with it."""
    found = [file for path in paths for file in (sorted(path.glob("*.csv.gz")) if path.is_dir() else [path])]
    return sorted(
        (file for file in found if month is None or file.name.startswith(month)), key=lambda file: file.name
    )


def read_files(files: Iterable[Path]) -> Iterator[OrderLine]:
    """Lines of all files; plain or gzip. Raises models.order_log.BadLogError, which names the file."""
    for file in files:
        opened = gzip.open if file.suffix == ".gz" else open
        try:
            with opened(file, "rt", encoding="utf-8", newline="") as rows:
                yield from order_lines(file.name.split(".")[0], rows)
        except BadLogError as error:
            raise BadLogError(f"{file}: {error}") from error
        except (OSError, UnicodeDecodeError, EOFError, zlib.error, csv.Error) as error:
            raise BadLogError(f"{file}: {error}; give a whole CSV file in UTF-8, or its .gz") from error


def order_consent_of(line: OrderLine) -> records.Explicit:
    """What the user of a line agreed to."""
    return GUEST if line.guest else CUSTOMER


def consent(line: OrderLine, ts_ms: int) -> Output:
    """The consent record that goes before a user's events."""
    return _output(
        topics.CONSENT.name,
        line.user,
        records.Consent(user=line.user, ts=ts_ms, explicit=order_consent_of(line)),
    )


def conversion(line: OrderLine, shift_ms: int) -> Output:
    """A line as a conversion, its time moved by `shift_ms`. It states the consent again: the topics' order is
    not fixed."""
    item_id = line.item_id[:WIDTH] or "none"
    fields: dict[str, Any] = {
        "id": line.id, "ts": line.ts_ms + shift_ms, "user": line.user, "type": "purchase",
        "value": float(line.value), "cur": CURRENCY,
        "order": line.order, "items": [{"item_id": item_id, "qty": line.quantity, "price": line.price}],
        "explicit": order_consent_of(line),
    }  # fmt: skip
    if line.readable:
        fields["items"] = [{"item_id": item_id, "qty": float(line.quantity), "price": float(line.price)}]
        fields["device"] = {"geo": {"country": line.country}} if line.country else {}
    return _output(topics.CONVERSION.name, line.user, fields)


def catalog_item(item: StockItem) -> Output:
    """An article as a catalogue record."""
    url = f"https://gifts.example/p/{item.item_id}"
    return _output(
        topics.CATALOG.name,
        item.item_id,
        records.CatalogItem(
            item_id=item.item_id, title=item.title, url=url, price=float(item.price), cur=CURRENCY
        ),
    )


def _output(topic: str, key: str, value: Any) -> Output:
    return Output(topic, key.encode(), msgspec.json.encode(value))
