"""What a first version names is held in the store for its creative, and costs the event loop nothing."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from agents.generation import kept_files
from agents.generation.kept_files import KeptFiles
from agents.generation.store_looks import THREADS
from agents.rendering.files.bucket import BucketStore
from agents.rendering.files.file_names import KEPT_AFTER_MS, LET_GO_MS
from agents.rendering.files.folder import FolderStore
from agents.rendering.files.patient import PatientStore
from agents.rendering.files.store import AssetStore
from tests.agents.rendering.requests import NOW_MS, creative

PATIENT_S = 60.0
NAME = "a" * 40
FILES = {".jpg": b"jpeg", ".avif": b"avif"}
QUARTER_MS = 900_000


@pytest.fixture(params=["folder", "bucket", "waited for"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> AssetStore:
    made: AssetStore
    made = BucketStore(MemoryStore(), now_ms) if request.param == "bucket" else FolderStore(tmp_path)
    return PatientStore(made, lambda: None) if request.param == "waited for" else made


def now_ms() -> int:
    return NOW_MS


def kept_by(store: AssetStore, *numbers: int) -> KeptFiles:
    kept = KeptFiles(store, now_ms)
    for n in numbers:
        kept.keep(NAME, creative(n))
    wait_for(kept)
    return kept


def wait_for(kept: KeptFiles) -> None:
    end_s = time.monotonic() + PATIENT_S
    while kept._threads:
        assert time.monotonic() < end_s
        time.sleep(0.001)


def is_there(store: AssetStore) -> bool:
    return store.hold(NAME, 0, "looks") != {}


def test_files_stay_for_their_creative_when_who_held_them_is_let_go(store: AssetStore) -> None:
    store.put(NAME, FILES, NOW_MS, "cr_other")
    kept_by(store, 1)
    store.let_go(NAME, "cr_other", NOW_MS)
    store.remove_expired(NOW_MS + LET_GO_MS + QUARTER_MS)
    assert is_there(store)
    store.remove_expired(creative(1).expires + KEPT_AFTER_MS + QUARTER_MS)
    assert not is_there(store)


def test_a_creative_that_was_let_go_before_its_turn_holds_nothing(store: AssetStore) -> None:
    store.put(NAME, FILES, NOW_MS, "cr_other")
    store.mark_gone(creative(1).creative_id, NOW_MS)
    kept_by(store, 1)
    store.let_go(NAME, "cr_other", NOW_MS)
    store.remove_expired(NOW_MS + LET_GO_MS + QUARTER_MS)
    assert not is_there(store)


def test_what_is_not_there_is_not_held(store: AssetStore) -> None:
    kept_by(store, 1)
    assert not is_there(store)


class Told(FolderStore):
    """Notes whose files are to be kept; `go` lets it answer."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked: list[str] = []
        self.go = threading.Event()

    def keep(self, name: str, until_ms: int, holder: str) -> None:
        self.asked.append(holder[-1])
        self.go.wait(PATIENT_S)
        if holder.endswith("1"):
            raise OSError("no answer")


def test_a_store_that_hangs_holds_two_threads_and_the_newest_that_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_files, "MOST", 3)
    store, before = Told(tmp_path), threading.active_count()
    kept = KeptFiles(store, now_ms)
    for n in (1, 2):
        kept.keep(NAME, creative(n))
    while len(store.asked) < THREADS:
        time.sleep(0.001)
    for n in (3, 4, 5, 6, 7):
        kept.keep(NAME, creative(n))
    assert threading.active_count() <= before + THREADS
    store.go.set()
    wait_for(kept)
    assert sorted(store.asked) == ["1", "2", "5", "6", "7"]


def test_one_that_fails_is_told_once_and_leaves_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Told(tmp_path)
    store.go.set()
    with caplog.at_level(logging.WARNING):
        kept_by(store, 1, 1, 2, 3)
    assert sorted(store.asked) == ["1", "1", "2", "3"]
    assert [each for each in caplog.messages if "no answer" in each] == caplog.messages[:1]


def test_the_process_ends_while_the_store_hangs() -> None:
    code = """
import threading
from types import SimpleNamespace
from agents.generation.kept_files import KeptFiles
hangs = SimpleNamespace(keep=lambda *_: threading.Event().wait())
KeptFiles(hangs, int).keep("a", SimpleNamespace(creative_id="cr_1", expires=1))
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENT_S)
