"""Pictures as files of a folder, named by what they are made of.

A file's time is when the last creative that names it expires: whoever is about to name it moves that on, and
what a day has passed over is removed. Both hold the folder's lock, so that no file goes that is being named.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SUFFIXES: Final = {".jpg": "image/jpeg", ".avif": "image/avif"}
"""Files of a picture; the first is written last: where it is, all are."""
FILE_NAME: Final = re.compile(r"[0-9a-f]{40}\.(?:jpg|avif)")
KEPT_AFTER_MS: Final = 86_400_000
_LOCK: Final = ".lock"
_WRITING: Final = ".writing-"


class AssetStore:
    """Any number of processes may use one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        """The folder. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def hold(self, name: str, until_ms: int) -> dict[str, bytes]:
        """The files of a picture by suffix, kept a day beyond `until_ms`; empty when it is not there. Raises
        OSError."""
        with self._locked():
            found = {suffix: self._folder / f"{name}{suffix}" for suffix in SUFFIXES}
            found = {suffix: path for suffix, path in found.items() if path.is_file()}
            if ".jpg" not in found:
                return {}
            for path in found.values():
                until_s = max(path.stat().st_mtime, until_ms / 1_000)
                os.utime(path, (until_s, until_s))
        return {suffix: path.read_bytes() for suffix, path in found.items()}

    def put(self, name: str, files: dict[str, bytes], until_ms: int) -> None:
        """Stores the files of a picture, whole or not at all, on the disk when this returns. Raises
        OSError."""
        for suffix in reversed(SUFFIXES):
            if suffix in files:
                self._write(self._folder / f"{name}{suffix}", files[suffix], until_ms / 1_000)

    def remove_expired(self, now_ms: int) -> int:
        """Removes what no creative names since a day, and what a killed process left half written. Returns
        how many files. Raises OSError."""
        removed = 0
        with self._locked():
            for path in self._folder.iterdir():
                ours = FILE_NAME.fullmatch(path.name) or path.name.startswith(_WRITING)
                if ours and path.stat().st_mtime * 1_000 + KEPT_AFTER_MS <= now_ms:
                    path.unlink()
                    removed += 1
        return removed

    def _write(self, path: Path, data: bytes, until_s: float) -> None:
        writing = path.with_name(f"{_WRITING}{os.getpid()}-{path.name}")
        with writing.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.utime(writing, (until_s, until_s))
        writing.replace(path)
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
