"""The store in a bucket keeps the promises of the folder: whole files, the first stays, none goes while it is
named."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import obstore
import pytest
from obstore.exceptions import GenericError
from obstore.store import MemoryStore

from agents.rendering.files.bucket import BucketStore, bucket_at
from agents.rendering.files.file_names import KEPT_AFTER_MS
from agents.rendering.files.folder import FolderStore
from agents.rendering.files.store import Noted
from agents.rendering.files.stores import store_of
from streams import records as r
from streams.loud_end import RefusedError
from streams.settings import Settings
from tests.agents.rendering.s3_server import BUCKET, s3_server

NAME = "a" * 40
FILES = {".jpg": b"jpeg", ".avif": b"avif"}
NOW_MS = time.time_ns() // 1_000_000
HOUR_MS = 3_600_000
LATER_MS = NOW_MS + 2 * KEPT_AFTER_MS


class Clock:
    def __init__(self) -> None:
        self.ms = NOW_MS

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bucket() -> Any:
    return MemoryStore()


@pytest.fixture
def store(bucket: Any, clock: Clock) -> BucketStore:
    return BucketStore(bucket, clock)


def paths(bucket: Any) -> set[str]:
    return {each["path"] for page in obstore.list(bucket) for each in page}


def test_what_was_put_is_held(store: BucketStore) -> None:
    assert store.hold(NAME, NOW_MS, "cr_1") == {}
    assert store.put(NAME, FILES, NOW_MS, "cr_1") == FILES
    assert store.hold(NAME, NOW_MS, "cr_1") == FILES


def test_of_two_that_store_the_same_name_the_first_stays(store: BucketStore) -> None:
    store.put(NAME, FILES, NOW_MS, "cr_1")
    assert store.put(NAME, {".jpg": b"other"}, NOW_MS + 5_000, "cr_1") == FILES


def test_many_at_once_agree_on_one(bucket: Any, clock: Clock) -> None:
    def put(n: int) -> dict[str, bytes]:
        return BucketStore(bucket, clock).put(NAME, {".jpg": b"%d" % n}, NOW_MS + n, "cr_1")

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(put, range(8)))
    assert all(each == made[0] for each in made)
    assert BucketStore(bucket, clock).remove_expired(LATER_MS) == 1


def test_a_picture_whose_first_file_is_missing_is_not_there(store: BucketStore, bucket: Any) -> None:
    store.put(NAME, FILES, NOW_MS, "cr_1")
    obstore.delete(bucket, f"{NAME}.jpg")
    assert store.hold(NAME, NOW_MS, "cr_1") == {}
    assert store.put(NAME, {".jpg": b"anew"}, NOW_MS, "cr_1") == {".jpg": b"anew", ".avif": b"avif"}


def test_a_file_goes_a_day_after_the_last_creative_that_names_it(store: BucketStore, bucket: Any) -> None:
    store.put(NAME, FILES, NOW_MS + HOUR_MS, "cr_1")
    store.hold(NAME, LATER_MS, "cr_1")
    store.hold(NAME, NOW_MS, "cr_1")
    assert store.remove_expired(LATER_MS + KEPT_AFTER_MS - 1) == 0
    assert store.remove_expired(LATER_MS + KEPT_AFTER_MS) == 2
    assert paths(bucket) == set()


def test_files_about_to_go_are_written_anew_and_stay(store: BucketStore, bucket: Any, clock: Clock) -> None:
    """Whoever removes may have looked already: what is named from now on must not be what goes."""
    store.put(NAME, FILES, NOW_MS, "cr_1")
    clock.ms = NOW_MS + KEPT_AFTER_MS - HOUR_MS // 2
    assert store.hold(NAME, LATER_MS, "cr_1") == {}
    assert store.put(NAME, {".jpg": b"anew"}, LATER_MS, "cr_1")[".jpg"] == b"anew"
    assert store.remove_expired(LATER_MS) == 0
    assert store.hold(NAME, LATER_MS, "cr_1")[".jpg"] == b"anew"


def test_orphans_go_and_what_is_not_ours_stays(store: BucketStore, bucket: Any) -> None:
    obstore.put(bucket, f"{NAME}.avif", b"of a killed process")
    obstore.put(bucket, "README.txt", b"of the operator")
    assert store.remove_expired(NOW_MS + KEPT_AFTER_MS // 2) == 0
    assert store.remove_expired(LATER_MS) == 1
    assert paths(bucket) == {"README.txt"}


def test_what_shows_a_content_is_noted_and_goes(store: BucketStore) -> None:
    noted = Noted(NOW_MS, [r.Asset("ad", f"https://cdn.example/{NAME}.jpg", shown=["ph_1"])])
    assert store.noted("b" * 40) is None
    store.note("b" * 40, Noted(NOW_MS - 1, []))
    store.note("b" * 40, noted)
    assert store.noted("b" * 40) is None, "no file is there"
    store.put(NAME, FILES, NOW_MS, "cr_1")
    assert store.noted("b" * 40) == noted
    assert store.remove_expired(NOW_MS) == 0
    assert store.remove_expired(LATER_MS) == 3 and store.noted("b" * 40) is None


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with s3_server() as address:
        monkeypatch.setenv("AWS_ENDPOINT", address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        yield address


def test_over_http_it_speaks_s3(server: str, clock: Clock) -> None:
    bucket = bucket_at(f"s3://{BUCKET}/pictures")
    store = BucketStore(bucket, clock)
    store.make()
    assert store.put(NAME, FILES, NOW_MS, "cr_1") == FILES
    assert store.put(NAME, {".jpg": b"other"}, NOW_MS + HOUR_MS, "cr_1") == FILES
    assert store.hold(NAME, NOW_MS, "cr_1") == FILES
    there = paths(bucket_at(f"s3://{BUCKET}"))
    assert there == {f"pictures/{NAME}{each}" for each in (".jpg", ".avif", ".until")}
    told = obstore.get(bucket, f"{NAME}.jpg").attributes
    assert told["Content-Type"] == "image/jpeg" and "immutable" in told["Cache-Control"]
    assert store.remove_expired(NOW_MS + HOUR_MS + KEPT_AFTER_MS) == 2
    assert paths(bucket) == set()


def test_over_http_many_at_once_agree_on_one(server: str, clock: Clock) -> None:
    """The service itself must hold to the conditions of puts."""

    def put(n: int) -> dict[str, bytes]:
        store = BucketStore(bucket_at(f"s3://{BUCKET}/pictures"), clock)
        return store.put(NAME, {".jpg": b"%d" % n}, NOW_MS + n, "cr_1")

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(put, range(4)))
    assert all(each == made[0] for each in made)


def test_a_bucket_that_is_not_there_is_told_at_the_start(server: str, clock: Clock) -> None:
    with pytest.raises(OSError, match="bucket"):
        BucketStore(bucket_at("s3://nobody/pictures"), clock).make()


def test_a_bucket_that_does_not_answer_is_an_os_error(
    store: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise GenericError("error sending request")

    monkeypatch.setattr("agents.rendering.files.bucket.obstore.get", away)
    with pytest.raises(OSError, match="bucket of pictures: error sending request"):
        store.hold(NAME, NOW_MS, "cr_1")


def test_the_settings_say_which_store(
    tmp_path: Any, server: str, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    assert isinstance(store_of(Settings(assets_dir=tmp_path), clock), FolderStore)
    named = Settings(assets_dir=tmp_path, assets_bucket="s3://ads/pictures")
    assert isinstance(store_of(named, clock), BucketStore)
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(RefusedError, match="extra `s3`"):
        store_of(named, clock)
