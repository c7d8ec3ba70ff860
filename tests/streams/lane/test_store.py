"""Restore merges by owner: a writer that lost its lane cannot bring older rows back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.row import HEADER
from streams.lane.store import TOO_OLD_MS, BatchStore, is_too_old
from streams.rows.merging import Merging
from streams.rows.ownership import Owner
from streams.rows.rows_on_disk import LaneStore, StoreError, close_rows, open_rows
from streams.rows.upkeep import Upkeep
from streams.wire.record_columns import Fetched


def row(fence: int, mark: bytes = b"", epoch: int = 0) -> bytes:
    header = np.zeros(1, HEADER)
    header["fence"] = -1
    header["fence"][0, 0], header["epoch"][0, 0], header["version"] = fence, epoch, 1
    return header.tobytes() + mark


def records(first: int, *rows: tuple[bytes, bytes | None], owner: Owner | None = None) -> list[Any]:
    """Changelog records from offset `first`, of an owner or of a build that names none."""
    headers = () if owner is None else (owner.stamped(),)
    return [
        Fetched("changelog", 0, first + n, 0, 0, key, value, headers) for n, (key, value) in enumerate(rows)
    ]


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
    Merging(store).take(records(0, *rows))
    assert store.get_many([b"pa", b"pb", b"pc"]) == [row(5, b"new"), None, row(1, b"later")]
    Merging(store).take(records(6, (b"pa", row(4, b"zombie"))))
    assert store.get_many([b"pa"]) == [row(5, b"new")]
    Merging(store).take(records(7, (b"pa", row(0, b"topic made anew", epoch=1))))
    assert store.get_many([b"pa"]) == [row(0, b"topic made anew", epoch=1)]
    db.close()


FIRST, SECOND = Owner(1, 7), Owner(1, 8)
"""Two that found no owner in the changelog: the group's generation tells them apart."""


def test_the_newest_owners_rows_stay_whatever_an_earlier_one_appends(tmp_path: Path) -> None:
    """Also where its fence is higher, for fences of several topics cannot be compared, and its removals."""
    db = open_rows(tmp_path / "rows")
    store = LaneStore(db)
    merging = Merging(store)
    merging.take(records(0, (b"pa", row(1)), (b"pb", row(1)), (b"pc", row(1)), owner=FIRST))
    merging.take(records(3, (b"pa", row(2)), (b"pb", row(2)), owner=SECOND))
    merging.take(records(5, (b"pa", row(9)), (b"pb", None), (b"pc", row(9)), owner=FIRST))
    assert store.get_many([b"pa", b"pb", b"pc"]) == [row(2), row(2), row(1)]
    assert (store.beaten(), store.owner(), store.offset()) == ([b"pa", b"pb", b"pc"], SECOND, 7)
    merging.take(records(8, (b"pb", None), owner=SECOND))
    assert (store.get_many([b"pb"]), store.beaten()) == ([None], [b"pa", b"pc"])
    close_rows(db)
    db = open_rows(tmp_path / "rows")
    again = LaneStore(db)
    assert (again.beaten(), again.owner()) == ([b"pa", b"pc"], SECOND), "a restart forgets neither"
    assert [key for key, _ in again.scan(b"", b"")] == [b"pa", b"pc"], "marks are no rows"
    Merging(again).take(records(9, (b"pa", row(9)), (b"pc", row(3)), owner=FIRST))
    assert again.get_many([b"pa", b"pc"]) == [row(2), row(1)]
    db.close()


def test_the_store_never_passes_what_it_has_not_read(tmp_path: Path) -> None:
    db = open_rows(tmp_path / "rows")
    store = LaneStore(db)
    store.append([(b"pa", row(1))], 0, 0, FIRST)
    with pytest.raises(StoreError, match="offset 3 do not follow offset 0"):
        store.append([(b"pa", row(2))], 3, 3, FIRST)
    assert (store.get_many([b"pa"]), store.offset()) == ([row(1)], 0)
    store.append([(b"pa", row(2))], 1, 3, SECOND)
    assert (store.get_many([b"pa"]), store.offset(), store.owner()) == ([row(2)], 3, SECOND)
    db.close()


def test_a_store_that_fails_names_its_folder_and_what_to_do(tmp_path: Path) -> None:
    class Full:
        def path(self) -> str:
            return str(tmp_path)

        def write(self, *_: Any) -> None:
            raise OSError("No space left on device")

        def latest_sequence_number(self) -> int:
            return 1

    with pytest.raises(StoreError) as told:
        LaneStore(Full()).write([(b"pa", None)], 1)
    assert all(each in str(told.value) for each in (str(tmp_path), "No space left", "SHIFTCAST_DATA_DIR"))


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
        self._merging: dict[int, Merging] = {}
        self.upkeep = Upkeep(self._dbs)

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


@pytest.mark.parametrize("step", ["open", "close"])
def test_a_disk_that_takes_nothing_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Faust would log a stack trace, stop in its own time and meet the disk again."""

    def full(_at: Any) -> Any:
        raise OSError("IO error: No space left on device")

    def end(line: str) -> None:
        raise SystemExit(line)

    store = RowsIn(tmp_path)
    monkeypatch.setattr("streams.lane.store.end_now", end)
    if step == "open":
        monkeypatch.setattr("streams.lane.store.open_rows", full)
        with pytest.raises(SystemExit, match=r"No space left on device.*Make room") as caught:
            store.lane(0)
    else:
        store.lane(0)
        monkeypatch.setattr("streams.rows.upkeep.close_rows", full)
        with pytest.raises(SystemExit, match=r"No space left on device.*Make room") as caught:
            asyncio.run(store.stop())
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


def test_rows_that_another_process_has_open_are_asked_for_again(tmp_path: Path) -> None:
    """By Faust, which tries for half a minute: the worker before may be about to end."""
    db = open_rows(tmp_path / "0")
    with pytest.raises(Exception, match="lock"):
        RowsIn(tmp_path).lane(0)
    db.close()


def test_rows_without_an_age_are_too_old_and_none_are_not(tmp_path: Path) -> None:
    db = open_rows(tmp_path / "rows")
    assert not is_too_old(LaneStore(db), TOO_OLD_MS + 1)
    db[b"__faust\0offset__"] = b"3"
    assert is_too_old(LaneStore(db), TOO_OLD_MS + 1)
    db.close()
