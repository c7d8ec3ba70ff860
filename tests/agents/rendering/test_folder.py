"""The folder of pictures: whole files, kept as long as a creative names them and a day more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agents.rendering.files.file_names import KEPT_AFTER_MS
from agents.rendering.files.folder import FolderStore
from agents.rendering.files.index_page import shown_files
from agents.rendering.files.store import AssetStore

NAME = "a" * 40
FILES = {".jpg": b"jpeg", ".avif": b"avif"}
NOW_MS = 1_795_291_200_000


@pytest.fixture
def store(tmp_path: Path) -> AssetStore:
    made = FolderStore(tmp_path / "assets")
    made.make()
    return made


def test_what_was_put_is_held_by_any_process(store: AssetStore, tmp_path: Path) -> None:
    assert store.hold(NAME, NOW_MS, "cr_1") == {}
    store.put(NAME, FILES, NOW_MS, "cr_1")
    assert FolderStore(tmp_path / "assets").hold(NAME, NOW_MS, "cr_1") == FILES
    assert {each.name for each in (tmp_path / "assets").iterdir()} == {
        f"{NAME}.jpg",
        f"{NAME}.avif",
        f"{NAME}.held",
        ".lock",
    }


def test_a_picture_whose_first_file_is_missing_is_not_there(store: AssetStore, tmp_path: Path) -> None:
    """A kill between the files of a picture leaves the second alone: it is drawn again."""
    store.put(NAME, FILES, NOW_MS, "cr_1")
    (tmp_path / "assets" / f"{NAME}.jpg").unlink()
    assert store.hold(NAME, NOW_MS, "cr_1") == {}


def test_of_two_that_store_the_same_name_the_first_stays(store: AssetStore, tmp_path: Path) -> None:
    """Signatures are never alike, and a creative is out that names the first by its hash."""
    assert store.put(NAME, FILES, NOW_MS, "cr_1") == FILES
    assert store.put(NAME, {".jpg": b"other"}, NOW_MS + 5_000, "cr_1") == FILES
    assert store.hold(NAME, NOW_MS, "cr_1") == FILES
    assert {each.name for each in (tmp_path / "assets").iterdir()} == {
        f"{NAME}.jpg",
        f"{NAME}.avif",
        f"{NAME}.held",
        ".lock",
    }
    assert store.remove_expired(NOW_MS + KEPT_AFTER_MS + 4_000) == 0


def test_a_file_goes_a_day_after_the_last_creative_that_names_it(store: AssetStore) -> None:
    store.put(NAME, FILES, NOW_MS, "cr_1")
    store.hold(NAME, NOW_MS + 5_000, "cr_1")
    store.hold(NAME, NOW_MS + 1_000, "cr_1")
    assert store.remove_expired(NOW_MS + KEPT_AFTER_MS + 4_000) == 0
    assert store.remove_expired(NOW_MS + KEPT_AFTER_MS + 5_000) == 3
    assert store.hold(NAME, NOW_MS, "cr_1") == {}


def test_what_a_killed_process_left_goes_too_and_what_is_not_ours_stays(
    store: AssetStore, tmp_path: Path
) -> None:
    folder = tmp_path / "assets"
    (folder / f".writing-7-{NAME}.jpg").write_bytes(b"half")
    (folder / "README.txt").write_text("of the operator")
    later = 4_000_000_000_000
    assert store.remove_expired(later) == 1
    assert (folder / "README.txt").exists()


def test_a_kill_while_it_is_stored_leaves_nothing_whose_holder_is_unknown(
    store: AssetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed: list[str] = []
    replace = Path.replace

    def noted(path: Path, target: Path) -> Path:
        placed.append(target.suffix)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", noted)
    store.put(NAME, FILES, NOW_MS, "cr_1")
    assert placed == [".held", ".avif", ".jpg"]


def test_naming_what_is_there_waits_for_no_disk(store: AssetStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds up everybody else who names something."""
    store.put(NAME, FILES, NOW_MS, "cr_1")
    synced: list[int] = []
    monkeypatch.setattr("models.whole_file.os.fsync", synced.append)
    assert store.hold(NAME, NOW_MS + 1, "cr_2") == FILES and not synced
    store.put(NAME, FILES, NOW_MS, "cr_3")
    assert len(synced) == len(FILES)


def vanishes(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A file of that name is listed, and gone when it is looked at."""
    stat = Path.stat

    def looked_at(path: Path, **more: bool) -> os.stat_result:
        if path.name == name:
            raise FileNotFoundError(path)
        return stat(path, **more)

    monkeypatch.setattr(Path, "stat", looked_at)


def test_a_file_that_goes_while_the_folder_is_looked_through_is_skipped(
    store: AssetStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "assets"
    store.put(NAME, {".jpg": b"jpeg"}, NOW_MS, "cr_1")
    writing = f".writing-7-{NAME}.avif"
    (folder / writing).write_bytes(b"half")
    vanishes(monkeypatch, writing)
    assert store.remove_expired(NOW_MS + KEPT_AFTER_MS) == 2
    vanishes(monkeypatch, f"{'c' * 40}.jpg")
    for name in ("b" * 40, "c" * 40):
        (folder / f"{name}.jpg").write_bytes(b"jpeg")
    assert [each.name for each in shown_files(folder)] == ["b" * 40]
