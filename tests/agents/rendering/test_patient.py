"""A store that is away is waited for; what waits ends with the process."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import obstore
import pytest

from agents.rendering.files.bucket import BucketStore, bucket_at
from agents.rendering.files.folder import FolderStore
from agents.rendering.files.patient import PatientStore
from tests.agents.rendering.s3_server import BUCKET, S3Server, mortal_s3_server

NAME = "a" * 40
FILES = {".jpg": b"jpeg"}


class Away(FolderStore):
    """Does not answer so many times; of a put nothing is known: its files may be there."""

    def __init__(self, folder: Path, times: int) -> None:
        super().__init__(folder)
        self.times = times

    def put(self, name: str, files: dict[str, bytes], until_ms: int, holder: str) -> dict[str, bytes]:
        self.times -= 1
        made = super().put(name, files, until_ms, holder) if self.times <= 0 else files
        if self.times >= 0:
            raise OSError("connection refused")
        return made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.rendering.files.patient.FIRST_S", 0.001)


def test_who_asks_waits_until_it_answers(tmp_path: Path) -> None:
    waits: list[int] = []
    store = PatientStore(Away(tmp_path, 4), lambda: waits.append(1))
    assert store.put(NAME, FILES, 10**13, "cr_1") == FILES
    assert len(waits) == 4 and store.hold(NAME, 0, "cr_1") == FILES


def test_what_waits_ends_with_the_process(tmp_path: Path) -> None:
    store = PatientStore(Away(tmp_path, 10**9), lambda: None)
    said: list[str] = []

    def ask() -> None:
        try:
            store.put(NAME, FILES, 10**13, "cr_1")
        except OSError as error:
            said.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    store.stop()
    thread.join(30)
    assert said == ["connection refused"]


@pytest.mark.parametrize("puts", [0, 1, 2], ids=["before it", "cut in half", "before the first file"])
def test_a_bucket_that_dies_in_a_put_has_all_files_when_it_is_back(
    puts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("ACCESS_KEY_ID", "key"),
        ("SECRET_ACCESS_KEY", "secret"),
        ("REGION", "eu-central-1"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    files, until_ms = {".jpg": b"jpeg", ".avif": b"avif"}, time.time_ns() // 1_000_000 + 10**8
    with mortal_s3_server() as server:
        monkeypatch.setenv("AWS_ENDPOINT", server.address)
        store = BucketStore(bucket_at(f"s3://{BUCKET}/ads"), lambda: until_ms - 10**8)
        store.make()
        came_back = threading.Event()
        _die_after(puts, server, monkeypatch)

        def waits() -> None:
            if not came_back.is_set():
                came_back.set()
                server.start()

        assert PatientStore(store, waits).put(NAME, files, until_ms, "cr_1") == files
        assert came_back.is_set() and store.hold(NAME, until_ms, "cr_1") == files


def _die_after(puts: int, server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends before the put behind so many."""
    put, left = obstore.put, [puts]

    def counted(*args: Any, **more: Any) -> Any:
        if left[0] == 0:
            server.stop()
        left[0] -= 1
        return put(*args, **more)

    monkeypatch.setattr("agents.rendering.files.bucket.obstore.put", counted)
