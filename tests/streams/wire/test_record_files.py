"""Files of records that people write: a bad line is named, with what to write instead."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from streams.loud_end import RefusedError
from streams.records import CatalogItem
from streams.wire.record_files import read_lines

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
