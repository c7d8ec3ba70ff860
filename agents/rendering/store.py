"""Pictures and clips as files of a folder, named by what they are made of.

A file's time is when the last creative that names it expires: whoever is about to name it moves that on, and
what a day has passed over is removed. Both hold the folder's lock, so that no file goes that is being named.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

import msgspec

from agents.rendering.file_names import FILE_NAME, FIRST, KEPT_AFTER_MS, NOTE, SUFFIXES
from models.whole_file import WRITING, written_beside
from streams import records as r

_LOCK: Final = ".lock"


class Noted(msgspec.Struct, frozen=True):
    """The assets of a picture, whose files are held until `until_ms` at least."""

    until_ms: int
    assets: list[r.Asset]

    @property
    def kept_ms(self) -> int:
        """Until then its files are there, whoever holds them."""
        return self.until_ms + KEPT_AFTER_MS


class AssetStore(Protocol):
    """Where files are kept as long as a creative names them. Any number of processes may use one."""

    def make(self) -> None:
        """What must be there before it is used. Raises OSError."""

    def hold(self, name: str, until_ms: int) -> dict[str, bytes]:
        """The files of a name by suffix, kept a day beyond `until_ms`; empty when it is not there. Raises
        OSError."""

    def put(self, name: str, files: dict[str, bytes], until_ms: int) -> dict[str, bytes]:
        """Stores files under a name, whole or not at all, for good when this returns. Returns those that
        stand there: the first that were stored stay, since creatives name them by their hashes, and the
        signatures of no two are alike. Raises OSError."""

    def note(self, content: str, noted: Noted) -> None:
        """Says which assets show a content (`content_of`). Raises OSError."""

    def noted(self, content: str) -> Noted | None:
        """What was said last; None = nothing. Raises OSError."""

    def remove_expired(self, now_ms: int) -> int:
        """Removes what no creative names since a day, and what a killed process left half written. Returns
        how many files. Raises OSError."""


_decoder: Final = msgspec.json.Decoder(Noted)


def noted_of(data: bytes) -> Noted | None:
    """What a note says; None where it is not one of this build."""
    with suppress(msgspec.DecodeError):
        return _decoder.decode(data)
    return None


class FolderStore:
    """An AssetStore in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        """The folder."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def hold(self, name: str, until_ms: int) -> dict[str, bytes]:
        """Those of the folder."""
        with self._locked():
            found = self._held(name, until_ms)
        return {suffix: path.read_bytes() for suffix, path in found.items()}

    def put(self, name: str, files: dict[str, bytes], until_ms: int) -> dict[str, bytes]:
        """On the disk when this returns."""
        written = {
            suffix: written_beside(self._folder / f"{name}{suffix}", data) for suffix, data in files.items()
        }
        with self._locked():
            if not (found := self._held(name, until_ms)):
                for suffix in reversed(SUFFIXES):
                    if suffix in written:
                        path = written[suffix].replace(self._folder / f"{name}{suffix}")
                        os.utime(path, (until_ms / 1_000, until_ms / 1_000))
                self._sync()
                return files
        for path in written.values():
            path.unlink()
        return {suffix: path.read_bytes() for suffix, path in found.items()}

    def note(self, content: str, noted: Noted) -> None:
        """Beside the files; the newest stays."""
        path = self._folder / f"{content}{NOTE}"
        written = written_beside(path, msgspec.json.encode(noted)).replace(path)
        os.utime(written, (noted.until_ms / 1_000, noted.until_ms / 1_000))

    def noted(self, content: str) -> Noted | None:
        """By its file."""
        with suppress(FileNotFoundError):
            return noted_of((self._folder / f"{content}{NOTE}").read_bytes())
        return None

    def _held(self, name: str, until_ms: int) -> dict[str, Path]:
        found = {suffix: self._folder / f"{name}{suffix}" for suffix in SUFFIXES}
        found = {suffix: path for suffix, path in found.items() if path.is_file()}
        if FIRST not in found:
            return {}
        for path in found.values():
            until_s = max(path.stat().st_mtime, until_ms / 1_000)
            os.utime(path, (until_s, until_s))
        return found

    def remove_expired(self, now_ms: int) -> int:
        """By the times of the files."""
        removed = 0
        with self._locked():
            for path in self._folder.iterdir():
                ours = FILE_NAME.fullmatch(path.name) or path.name.startswith(WRITING)
                ours = ours or path.suffix == NOTE
                if ours and path.stat().st_mtime * 1_000 + KEPT_AFTER_MS <= now_ms:
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
