"""Restore merges by fence: a writer that lost its lane cannot bring older rows back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from models.row import HEADER
from streams.lane.rows_on_disk import LaneStore, close_rows, open_rows
from streams.lane.store import TOO_OLD_MS, BatchStore, Ranks, is_too_old, merged
from streams.lane.upkeep import Upkeep


def row(fence: int, mark: bytes = b"", epoch: int = 0) -> bytes:
    header = np.zeros(1, HEADER)
    header["fence"] = -1
    header["fence"][0, 0], header["epoch"][0, 0], header["version"] = fence, epoch, 1
    return header.tobytes() + mark


def test_the_highest_fence_wins_not_the_last_record(tmp_path: Path) -> None:
    db = open_rows(tmp_path / "rows")
    store = LaneStore(db)
    rows = [
        (b"pa", row(5, b"new")),
        (b"pb", row(3)),
        (b"pa", row(4, b"zombie")),
        (b"pb", None),
        (b"pc", row(1)),
        (b"pc", row(1, b"later")),
    ]
    store.write(merged(rows, store, Ranks(store)).items(), 5)
    assert store.get_many([b"pa", b"pb", b"pc"]) == [row(5, b"new"), None, row(1, b"later")]
    store.write(merged([(b"pa", row(4, b"zombie"))], store, Ranks(store)).items(), 6)
    assert store.get_many([b"pa"]) == [row(5, b"new")]
    store.write(merged([(b"pa", row(0, b"topic made anew", epoch=1))], store, Ranks(store)).items(), 7)
    assert store.get_many([b"pa"]) == [row(0, b"topic made anew", epoch=1)]
    db.close()


def test_rows_and_offset_outlive_the_process(tmp_path: Path) -> None:
    db = open_rows(tmp_path / "rows")
    assert LaneStore(db).offset() == -1
    LaneStore(db).write([(b"pb", b"2"), (b"pa", b"1"), (b"xa", b"3")], 41)
    close_rows(db)
    db = open_rows(tmp_path / "rows")
    store = LaneStore(db)
    assert store.offset() == 41
    assert list(store.scan(b"p", b"")) == [(b"pa", b"1"), (b"pb", b"2")]
    assert list(store.scan(b"p", b"pa")) == [(b"pb", b"2")]
    db.close()


class RowsIn(BatchStore):
    """The store of a table without its Faust app."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._dbs: dict[int, Any] = {}
        self._met, self.upkeep = {}, Upkeep(self._dbs)

    def partition_path(self, partition: int) -> Path:
        return self.folder / str(partition)


def test_rows_from_before_what_the_changelog_remembers_are_restored_anew(tmp_path: Path) -> None:
    """A worker that was away meanwhile would keep rows whose removal the changelog has dropped."""
    now_ms = int(time.time() * 1000)
    for age_ms, kept in ((0, True), (TOO_OLD_MS - 60_000, True), (TOO_OLD_MS + 60_000, False)):
        store = RowsIn(tmp_path / str(age_ms))
        store.lane(0).write([(b"pa", row(1))], 7, now_ms - age_ms)
        close_rows(store._dbs.pop(0))
        assert (store.lane(0).get_many([b"pa"]) == [row(1)]) == kept
        assert store.lane(0).offset() == (7 if kept else -1)
        assert list(store.lane(0).scan(b"", b"")) == ([(b"pa", row(1))] if kept else [])
        close_rows(store._dbs.pop(0))


def test_rows_without_an_age_are_too_old_and_none_are_not(tmp_path: Path) -> None:
    db = open_rows(tmp_path / "rows")
    assert not is_too_old(LaneStore(db), TOO_OLD_MS + 1)
    db[b"__faust\0offset__"] = b"3"
    assert is_too_old(LaneStore(db), TOO_OLD_MS + 1)
    db.close()
