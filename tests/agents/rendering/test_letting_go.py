"""What an erased user alone was shown goes from folder and bucket; what others are shown stays."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import obstore
import pytest
from obstore.store import MemoryStore

from agents.rendering.files.bucket import BucketStore
from agents.rendering.files.file_names import KEPT_AFTER_MS, LET_GO_MS
from agents.rendering.files.folder import FolderStore
from agents.rendering.files.holders import MOST, Holders, holders_of, told
from agents.rendering.files.store import AssetStore, Noted
from streams import records as r

NAME, CONTENT = "a" * 40, "b" * 40
FILES = {".jpg": b"jpeg", ".avif": b"avif"}
NOW_MS = time.time_ns() // 1_000_000
DAY_MS = 86_400_000
QUARTER_MS = 900_000
SPARE_MS = 6 * 3_600_000
"""A bucket stamps its objects when they are written, which may be long after this module was read."""
LATER_MS = NOW_MS + LET_GO_MS + SPARE_MS


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> AssetStore:
    made: AssetStore
    made = FolderStore(tmp_path) if request.param == "folder" else BucketStore(MemoryStore(), lambda: NOW_MS)
    made.make()
    return made


def is_there(store: AssetStore) -> bool:
    return store.hold(NAME, 0, "looks") != {}


def test_what_one_creative_held_alone_goes_within_the_hour(store: AssetStore) -> None:
    store.put(NAME, FILES, NOW_MS + DAY_MS, "cr_1")
    store.let_go(NAME, "cr_1", NOW_MS)
    assert store.remove_expired(NOW_MS + LET_GO_MS - QUARTER_MS) == 0, "a request of another may wait"
    assert store.remove_expired(LATER_MS) >= 2
    assert not is_there(store)


@pytest.mark.parametrize("comes", ["before", "after"])
def test_what_another_names_as_well_stays_until_that_expires(store: AssetStore, comes: str) -> None:
    store.put(NAME, FILES, NOW_MS + 2 * DAY_MS, "cr_1")
    if comes == "after":
        store.let_go(NAME, "cr_1", NOW_MS)
    if not store.hold(NAME, NOW_MS + DAY_MS, "cr_2"):
        store.put(NAME, FILES, NOW_MS + DAY_MS, "cr_2")
    store.let_go(NAME, "cr_1", NOW_MS)
    store.remove_expired(LATER_MS)
    assert is_there(store)
    store.remove_expired(NOW_MS + DAY_MS + KEPT_AFTER_MS + SPARE_MS)
    assert not is_there(store), "not as long as the one that was let go would have held it"


def test_a_replay_neither_puts_it_off_nor_takes_what_is_held_again(store: AssetStore) -> None:
    store.put(NAME, FILES, NOW_MS + DAY_MS, "cr_1")
    store.let_go(NAME, "cr_1", NOW_MS)
    store.let_go(NAME, "cr_1", NOW_MS + LET_GO_MS - 1)
    assert store.remove_expired(LATER_MS) >= 2
    store.let_go(NAME, "cr_1", NOW_MS)
    store.put(NAME, FILES, NOW_MS + DAY_MS, "cr_2")
    store.let_go(NAME, "cr_1", NOW_MS)
    store.remove_expired(LATER_MS)
    assert is_there(store)


def test_no_first_version_names_what_is_about_to_go(store: AssetStore) -> None:
    noted = Noted(NOW_MS + DAY_MS, [r.Asset("ad", f"https://cdn.example/{NAME}.jpg")])
    store.put(NAME, FILES, NOW_MS + DAY_MS, "cr_1")
    store.note(CONTENT, noted)
    assert store.noted(CONTENT) == noted
    store.let_go(NAME, "cr_1", NOW_MS)
    found = store.noted(CONTENT)
    assert found is None or found.kept_ms <= NOW_MS + LET_GO_MS


def test_who_was_let_go_is_known_for_a_day(store: AssetStore) -> None:
    store.mark_gone("cr_1", NOW_MS)
    assert store.is_gone("cr_1") and not store.is_gone("cr_2")
    store.remove_expired(NOW_MS + DAY_MS // 2)
    assert store.is_gone("cr_1")
    store.remove_expired(NOW_MS + DAY_MS + SPARE_MS)
    assert not store.is_gone("cr_1")


def test_files_of_an_earlier_build_stay_until_they_expire(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    (tmp_path / f"{NAME}.jpg").write_bytes(b"jpeg")
    os.utime(tmp_path / f"{NAME}.jpg", ((NOW_MS + DAY_MS) / 1_000,) * 2)
    store.hold(NAME, NOW_MS, "cr_1")
    store.let_go(NAME, "cr_1", NOW_MS)
    store.remove_expired(LATER_MS)
    assert is_there(store), "nobody knows who else names them"
    assert holders_of(b"%d" % NOW_MS) == Holders(others_ms=NOW_MS)


def test_what_an_earlier_build_names_as_well_stays(tmp_path: Path) -> None:
    """It moves the time of the files on, and does not say for whom."""
    store = FolderStore(tmp_path)
    store.put(NAME, FILES, NOW_MS, "cr_1")
    for suffix in FILES:
        os.utime(tmp_path / f"{NAME}{suffix}", ((NOW_MS + 2 * DAY_MS) / 1_000,) * 2)
    store.hold(NAME, NOW_MS + DAY_MS, "cr_2")
    store.let_go(NAME, "cr_1", NOW_MS)
    store.let_go(NAME, "cr_2", NOW_MS)
    store.remove_expired(NOW_MS + 2 * DAY_MS)
    assert is_there(store)
    store.remove_expired(NOW_MS + 2 * DAY_MS + KEPT_AFTER_MS)
    assert not is_there(store)


def test_holders_that_cannot_be_read_hold_by_the_age_of_what_tells_them() -> None:
    bucket = MemoryStore()
    store = BucketStore(bucket, lambda: NOW_MS)
    store.put(NAME, FILES, NOW_MS + DAY_MS, "cr_1")
    obstore.put(bucket, f"{NAME}.until", b"[of a later build]")
    assert store.hold(NAME, NOW_MS, "cr_2") == FILES
    store.let_go(NAME, "cr_2", NOW_MS)
    store.remove_expired(LATER_MS)
    assert is_there(store)
    store.remove_expired(NOW_MS + KEPT_AFTER_MS + SPARE_MS)
    assert not is_there(store)


def many(n: int, until_ms: Callable[[int], int]) -> Holders:
    made = Holders()
    for each in range(n):
        made = made.held(f"cr_{each}", until_ms(each))
    return made


def test_of_many_who_hold_those_are_known_that_hold_longest() -> None:
    made = many(3 * MOST, lambda n: NOW_MS + n * 7 % (3 * MOST))
    assert len(made.by) == MOST and made.until_ms == NOW_MS + 3 * MOST - 1
    assert made.others_ms == NOW_MS + 2 * MOST - 1
    assert holders_of(told(made)) == made
    for each in list(made.by):
        made = made.without(each)
    assert made.until_ms == NOW_MS + 2 * MOST - 1, "those that are not known hold it still"
