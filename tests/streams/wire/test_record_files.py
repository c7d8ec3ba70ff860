"""Files of records that people write: a bad line is named, with what to write instead."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from streams.loud_end import RefusedError
from streams.records import Campaign, CatalogItem, Exposure
from streams.topics import CATALOG
from streams.wire.codecs import WireLimits
from streams.wire.record_files import read_lines, read_sendable

ROW = '{"item_id":"i1","title":"Mug","url":"https://shop.example/1"%s}'


@pytest.mark.parametrize("price", ['"19.99 USD"', '"$19.99"', '"1.299,00 EUR"', '"19.99"'])
@pytest.mark.parametrize("field", ["price", "salesprice"])
def test_a_price_written_as_text_is_refused_with_what_to_write(
    tmp_path: Path, field: str, price: str
) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text(ROW % "" + "\n" + ROW % f',"{field}":{price}', encoding="utf-8")
    with pytest.raises(RefusedError, match=r"line 2: .*write a price as a number.*\"cur\": \"USD\""):
        read_lines(file, CatalogItem)


def test_other_mistakes_get_no_advice_about_prices(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text(ROW % ',"noun":5', encoding="utf-8")
    with pytest.raises(RefusedError, match=r"line 1: Expected `str \| null`, got `int` - at `\$.noun`$"):
        read_lines(file, CatalogItem)


def test_a_packed_file_is_read_as_it_is_and_one_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl.gz"
    file.write_bytes(gzip.compress((ROW % "").encode()))
    assert [each.item_id for each in read_lines(file, CatalogItem)] == ["i1"]
    file.write_text(ROW % "", encoding="utf-8")
    with pytest.raises(RefusedError, match=r"items\.jsonl\.gz: .*gzip"):
        read_lines(file, CatalogItem)


def test_a_packed_file_that_is_half_there_or_damaged_is_named(tmp_path: Path) -> None:
    file, packed = tmp_path / "items.jsonl.gz", gzip.compress((ROW % "").encode() * 50)
    for data in (packed[: len(packed) // 2], packed[:-4], packed[:12] + b"\xff\xff" + packed[14:]):
        file.write_bytes(data)
        with pytest.raises(RefusedError, match=r"items\.jsonl\.gz: ends too early, or is damaged"):
            read_lines(file, CatalogItem)


def test_what_to_give_instead_of_a_missing_file_is_of_its_kind(tmp_path: Path) -> None:
    for kind, said in (
        (CatalogItem, "as in deploy/demo/catalog.jsonl"),
        (Campaign, "as in deploy/demo/campaigns.jsonl"),
        (Exposure, "give one Exposure per line as JSON$"),
    ):
        with pytest.raises(RefusedError, match=said):
            read_lines(tmp_path / "none.jsonl", kind)


ITEM = {"item_id": "i1", "title": "Mug", "url": "https://shop.example/1"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"url": "javascript:alert(1)"}, ".url is no http or https address"),
        ({"title": "Mug \u202e"}, ".title holds a control or direction-changing character"),
        ({"item_id": "a\u200b"}, "printable"),
        ({"images": ["http://shop.example/1.jpg"]}, r".images\[0\] is no https address"),
    ],
)
def test_what_readers_of_the_topic_refuse_is_said_before_it_is_sent(
    change: dict[str, Any], why: str, tmp_path: Path
) -> None:
    file = tmp_path / "catalog.jsonl"
    file.write_text(f"{json.dumps(ITEM)}\n\n{json.dumps(ITEM | change)}\n", encoding="utf-8")
    with pytest.raises(RefusedError, match=rf"catalog.jsonl, line 3: .*{why}.*ads.catalog.v1"):
        read_sendable(file, CatalogItem, CATALOG, WireLimits())


def test_accents_that_stand_apart_are_put_together_and_a_mark_of_byte_order_is_none(tmp_path: Path) -> None:
    file = tmp_path / "catalog.jsonl"
    apart = ITEM | {"title": "Cafetie\u0300re", "cat": ["cafe\u0301"]}
    file.write_text(json.dumps(apart, ensure_ascii=False), encoding="utf-8-sig")
    [item] = read_sendable(file, CatalogItem, CATALOG, WireLimits())
    assert (item.title, item.cat) == ("Cafeti\u00e8re", ["caf\u00e9"])
