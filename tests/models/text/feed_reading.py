"""How each row of the made feed comes out: `python -m tests.models.text.feed_reading` writes feed/read.tsv
anew, to be read whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from agents.creatives.plan import Unfilled
from agents.shelf.sharing import Shared, fill_shared
from models.campaigns import Campaign, Template
from models.mistakes.item import item_mistakes
from models.rules import load_rules
from streams import records as r
from streams.mapping.catalog_items import item_of
from streams.records import CatalogItem
from streams.wire.record_files import read_lines

FOLDER: Final = Path(__file__).parent / "feed"
READ: Final = FOLDER / "read.tsv"
NOW_MS: Final = 1_795_291_200_000
RULES: Final = load_rules()


def rows() -> Iterator[tuple[str, CatalogItem]]:
    for path in sorted(FOLDER.glob("*.jsonl")):
        yield from ((path.stem, record) for record in read_lines(path, CatalogItem))


def reading(locale: str, record: CatalogItem) -> list[str]:
    """Id, title, noun, then headline and description of the default creative or why there is none, then what
    is wrong with the row."""
    item = item_of(record)
    stop = "。" if locale in ("zh-CN", "ja") else ". "
    template = Template(
        "t", "native", locale, "{noun}", f"{{title}}{stop}{{price}}{stop}".strip(), "OK", audit=3
    )
    campaign = Campaign("c", 1, "active", "Nordlicht", "Nordlicht", templates=(template,))
    shared = Shared(r.Audience("default", "d"), campaign, "native", template, item, 1.0)
    made = fill_shared(shared, lambda _: RULES, NOW_MS)
    shown = ["NONE", ""] if isinstance(made, Unfilled) else [made[0].copy.headline, made[0].copy.description]
    wrong = item_mistakes(item, record.price, record.salesprice, record.cur, record.availability)
    return [item.item_id, item.title, item.noun, *shown, "; ".join(map(str, wrong))]


def read_whole() -> str:
    return "".join("\t".join(reading(*row)) + "\n" for row in rows())


if __name__ == "__main__":
    READ.write_text(read_whole(), encoding="utf-8")
