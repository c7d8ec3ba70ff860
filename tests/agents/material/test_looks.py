"""Looks of items from a library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agents.material.indexing import IndexingWish, index_material
from agents.material.looks import item_looks_of
from models.item import Item
from streams.loud_end import RefusedError

ITEMS = [Item(each, each, "", "") for each in ("i1", "i2", "i3")]


def _library(tmp_path: Path, named: str) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, colour in (("a", "red"), ("b", "blue")):
        Image.new("RGB", (80, 80), colour).save(folder / f"{name}.png")
    (tmp_path / "said.csv").write_text(f"file,item_id\na.png,{named}\nb.png,i2\n")
    path = tmp_path / "library.jsonl"
    index_material(IndexingWish(folder, tmp_path / "said.csv"), quiet=True).write(path)
    return path


def test_each_item_has_the_looks_of_its_pictures_and_the_rest_none(tmp_path: Path) -> None:
    looks = item_looks_of(_library(tmp_path, "i1"), ITEMS)
    assert np.allclose(np.linalg.norm(looks, axis=1), [1, 1, 0], atol=1e-5)
    assert looks[0] @ looks[1] < 0.9


def test_several_pictures_of_an_item_are_one_look(tmp_path: Path) -> None:
    looks = item_looks_of(_library(tmp_path, "i2"), ITEMS)
    assert np.allclose(np.linalg.norm(looks, axis=1), [0, 1, 0], atol=1e-5)


def test_a_library_of_other_items_or_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no picture names an item"):
        item_looks_of(_library(tmp_path, "i1"), [Item("other", "", "", "")])
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"item_id": "i1"}\n')
    with pytest.raises(RefusedError, match="line 1"):
        item_looks_of(broken, ITEMS)
