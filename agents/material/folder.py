"""The files of a folder that may be pictures or clips: within it, of known kinds, bounded in number and
size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.loud_end import RefusedError

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})
CLIPS: Final = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv"})
MOST_FILES: Final = 10_000
MOST_BYTES: Final = {"picture": 10_000_000, "clip": 100_000_000}


class UnusableError(ValueError):
    """A file that the library leaves out; the message says why."""


@dataclass(frozen=True, slots=True)
class SuppliedFile:
    """`name`: its path below the folder, with `/`."""

    name: str
    path: Path
    kind: str  # picture | clip

    def read(self, folder: Path) -> bytes:
        """Its bytes. Raises UnusableError."""
        if not self.name.isprintable():  # also what is no UTF-8: the library could not name it
            raise UnusableError("its name has characters that no address may have; rename it")
        try:
            real = self.path.resolve(strict=True)
            if not real.is_relative_to(folder.resolve()):
                raise UnusableError("it leads out of the folder")
            size, most = real.stat().st_size, MOST_BYTES[self.kind]
            if size > most:
                raise UnusableError(f"{size:,} bytes; at most {most:,} of a {self.kind}")
            return real.read_bytes()
        except OSError as error:
            raise UnusableError(error.strerror or str(error)) from None


def supplied_files(folder: Path) -> list[SuppliedFile]:
    """In order of name; hidden files and folders are passed over. Raises RefusedError without any."""
    names = [path.relative_to(folder) for path in sorted(folder.rglob("*"))]
    found = [
        SuppliedFile(name.as_posix(), folder / name, kind)
        for name in names
        if (kind := _kind(name)) and not any(part.startswith(".") for part in name.parts)
    ]
    if not found:
        kinds = ", ".join(sorted(PICTURES | CLIPS))
        raise RefusedError(f"{folder} holds no picture or clip ({kinds}); name a folder that does")
    if len(found) > MOST_FILES:
        raise RefusedError(
            f"{folder} holds {len(found):,} pictures and clips; at most {MOST_FILES:,}: name one below it"
        )
    return found


def _kind(name: Path) -> str:
    ending = name.suffix.lower()
    return "picture" if ending in PICTURES else "clip" if ending in CLIPS else ""
