"""Pictures and clips as files of a folder.

A file's time is when the last creative that names it expires: whoever is about to name it moves that on, and
what a day has passed over is removed. Beside the files stands who names them: a creative that is let go, as
those of an erased user are, holds them no longer. All hold the folder's lock, so that no file goes that is
being named.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import structs

from agents.rendering.files.file_names import (
    FILE_NAME,
    FIRST,
    GONE,
    KEPT_AFTER_MS,
    LET_GO_MS,
    NOTE,
    SUFFIXES,
    gone_name,
    name_in,
)
from agents.rendering.files.holders import Holders, holders_of, told
from agents.rendering.files.store import Noted, noted_of
from models.whole_file import WRITING, written_beside

_LOCK: Final = ".lock"
_HELD: Final = ".held"
_BESIDE: Final = (NOTE, GONE, _HELD)


class FolderStore:
    """An AssetStore in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        """The folder."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def hold(self, name: str, until_ms: int, holder: str) -> dict[str, bytes]:
        """Those of the folder."""
        with self._locked():
            found = self._held(name, until_ms, holder)
        return {suffix: path.read_bytes() for suffix, path in found.items()}

    def keep(self, name: str, until_ms: int, holder: str) -> None:
        """By the same times."""
        with self._locked():
            self._held(name, until_ms, holder)

    def put(self, name: str, files: dict[str, bytes], until_ms: int, holder: str) -> dict[str, bytes]:
        """On the disk when this returns; who holds them is there before the first of them."""
        written = {
            suffix: written_beside(self._folder / f"{name}{suffix}", data) for suffix, data in files.items()
        }
        with self._locked():
            if not (found := self._held(name, until_ms, holder)):
                self._note_holders(name, Holders({holder: until_ms}), until_ms)
                for suffix in reversed(SUFFIXES):
                    if suffix in written:
                        _keep_until([written[suffix].replace(self._folder / f"{name}{suffix}")], until_ms)
                self._sync()
                return files
        for path in written.values():
            path.unlink()
        return {suffix: path.read_bytes() for suffix, path in found.items()}

    def let_go(self, name: str, holder: str, now_ms: int) -> None:
        """By a new time."""
        with self._locked():
            found = self._found(name)
            holders = self._holders(name, found)
            if not found or holder not in holders.by:
                return
            left = holders.without(holder)
            until_ms = max(left.until_ms, now_ms - KEPT_AFTER_MS + LET_GO_MS)
            self._note_holders(name, left, until_ms)
            _keep_until(found.values(), min(until_ms, holders.until_ms))

    def mark_gone(self, holder: str, now_ms: int) -> None:
        """By an empty file."""
        self._write(gone_name(holder), b"", now_ms)

    def is_gone(self, holder: str) -> bool:
        """By that file."""
        return (self._folder / gone_name(holder)).exists()

    def note(self, content: str, noted: Noted) -> None:
        """Beside the files; the newest stays."""
        self._write(f"{content}{NOTE}", msgspec.json.encode(noted), noted.until_ms)

    def noted(self, content: str) -> Noted | None:
        """By its file, and the times of those that it names."""
        with suppress(FileNotFoundError):
            noted = noted_of((self._folder / f"{content}{NOTE}").read_bytes())
            if noted is not None and noted.assets:
                first = self._folder / f"{name_in(noted.assets[0].url)}{FIRST}"
                return structs.replace(noted, until_ms=min(noted.until_ms, _until_ms(first)))
        return None

    def _held(self, name: str, until_ms: int, holder: str) -> dict[str, Path]:
        if found := self._found(name):
            before = self._holders(name, found)
            holders = before.held(holder, until_ms)
            if holders is not before:
                self._note_holders(name, holders, holders.until_ms)
            _keep_until(found.values(), holders.until_ms)
        return found

    def _found(self, name: str) -> dict[str, Path]:
        """The files of a name; none where the first is missing."""
        found = {suffix: self._folder / f"{name}{suffix}" for suffix in SUFFIXES}
        found = {suffix: path for suffix, path in found.items() if path.is_file()}
        return found if FIRST in found else {}

    def _holders(self, name: str, found: dict[str, Path]) -> Holders:
        """Who is named beside the files, and others where their time is later: an earlier build knows times
        alone."""
        holders = None
        with suppress(FileNotFoundError):
            holders = holders_of((self._folder / f"{name}{_HELD}").read_bytes())
        holders = holders or Holders()
        until_ms = _until_ms(found[FIRST]) if found else 0
        return holders if until_ms <= holders.until_ms else structs.replace(holders, others_ms=until_ms)

    def _note_holders(self, name: str, holders: Holders, until_ms: int) -> None:
        """A host that fails may leave what cannot be read: then their time alone counts."""
        self._write(f"{name}{_HELD}", told(holders), until_ms, synced=False)

    def _write(self, name: str, data: bytes, until_ms: int, synced: bool = True) -> None:
        path = self._folder / name
        _keep_until([written_beside(path, data, synced).replace(path)], until_ms)

    def remove_expired(self, now_ms: int) -> int:
        """By the times of the files."""
        removed = 0
        with self._locked():
            for path in self._folder.iterdir():
                with suppress(FileNotFoundError):  # whoever wrote it has moved it to its place
                    if _is_ours(path) and _until_ms(path) + KEPT_AFTER_MS <= now_ms:
                        path.unlink()
                        removed += 1
        return removed

    def _sync(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _is_ours(path: Path) -> bool:
    named = FILE_NAME.fullmatch(path.name) or path.name.startswith(WRITING)
    return bool(named) or path.suffix in _BESIDE


def _keep_until(paths: Iterable[Path], until_ms: int) -> None:
    for path in paths:
        os.utime(path, (until_ms / 1_000, until_ms / 1_000))


def _until_ms(path: Path) -> int:
    """Raises FileNotFoundError."""
    return round(path.stat().st_mtime * 1_000)
