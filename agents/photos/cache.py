"""Photos that were fetched, as files: by the hash of what they show, and by address which one it was.

What is kept was read and written anew by us: a file never holds the bytes that came. A photo counts for a
day, then it is asked for again; one that nobody drew for a week goes.
"""

from __future__ import annotations

import os
import re
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

from models.scene.photo import Photo, read_photo
from models.whole_file import written_beside

FRESH_S: Final = 86_400.0
KEPT_S: Final = 7 * 86_400.0
_HASH: Final = re.compile(r"[0-9a-f]{40}")
_QUALITY: Final = 92


class PhotoCache:
    """A folder of one machine; any number of processes may use it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        """The folder. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def known(self, url: str) -> tuple[str, float] | None:
        """Name of the photo at an address and when it was fetched (Unix s); None where it is not here. Raises
        OSError."""
        path = self._folder / f"{_hashed(url.encode())}.url"
        try:
            name, fetched_s = path.read_text().strip(), path.stat().st_mtime
        except FileNotFoundError:
            return None
        return (name, fetched_s) if _HASH.fullmatch(name) and self._path(name).is_file() else None

    def put(self, url: str, data: bytes, photo: Photo, now_s: float) -> str:
        """Keeps a photo that was read from `data`. Returns its name, which follows from what came: every
        machine names it alike. Raises OSError."""
        name = _hashed(data)
        self.keep(name, photo, now_s)
        self._write(self._folder / f"{_hashed(url.encode())}.url", name.encode(), now_s)
        return name

    def keep(self, name: str, photo: Photo, now_s: float) -> None:
        """Keeps a photo under its name. Raises OSError."""
        made = BytesIO()
        photo.image.save(made, "WEBP", quality=_QUALITY, method=2)
        self._write(self._path(name), made.getvalue(), now_s)

    def photo(self, name: str, now_s: float) -> Photo:
        """One that is kept, for a week from now on. Raises OSError, PhotoError."""
        return read_photo(self.file(name, now_s))

    def file(self, name: str, now_s: float) -> bytes:
        """The file of one, which is kept as long. Raises OSError."""
        path = self._path(name)
        data = path.read_bytes()
        os.utime(path, (now_s, now_s))
        return data

    def remove_unused(self, now_s: float) -> int:
        """Removes what nobody drew for a week. Returns how many files. Raises OSError."""
        removed = 0
        for path in self._folder.iterdir():
            if path.stat().st_mtime + KEPT_S <= now_s:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.webp"

    def _write(self, path: Path, data: bytes, now_s: float) -> None:
        writing = written_beside(path, data)
        os.utime(writing, (now_s, now_s))
        writing.replace(path)


def _hashed(data: bytes) -> str:
    return sha256(data).hexdigest()[:40]
