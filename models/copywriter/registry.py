"""Copywriters by name and version, and which of them writes: one pointer, moved by a rename, that remembers
what stood before.

    ROOT/<name>/<version>/ a model folder (manifest.json, graphs, tokenizer, README.md), never changed later
    ROOT/CURRENT             newest first: <name>/<version> <sha256 of its manifest> <Unix ms since when>

Without CURRENT the built-in copywriter writes. A process killed at any moment leaves the old pointer or the
new one, never half of one.
"""

from __future__ import annotations

import fcntl
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import open_folder
from models.release import BUILTIN, Release, nameable
from models.whole_file import written_beside

POINTER: Final = "CURRENT"
MANIFEST_FILE: Final = "manifest.json"
_REMEMBERED: Final = 50
"""Moves that the pointer remembers: how far rollback goes back."""

_DIGITS = re.compile(r"(\d+)")


class RegistryError(RuntimeError):
    """A version that cannot be had or used: says which, why and what to type."""


@dataclass(frozen=True, slots=True)
class Move:
    """A release and since when the pointer names it (Unix ms)."""

    release: Release
    since_ms: int


def builtin_folder() -> Path:
    """Folder of the copywriter that comes with the program."""
    return Path(str(files("models.copywriter").joinpath("builtin")))


class Registry:
    """The folder ROOT. Every method that returns a Release or a folder has seen all its files whole, but for
    `releases`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def there(self) -> Registry:
        """Itself, when the folder holds a pointer or a version. Raises RegistryError for any other folder,
        which was named by mistake."""
        if not (self.root / POINTER).exists() and not any(self.root.glob(f"*/*/{MANIFEST_FILE}")):
            raise RegistryError(
                f"{self.root} holds neither a model (manifest.json) nor versions of models; name another "
                "folder in SHIFTCAST_MODEL_DIR, "
                "put a model there with `shiftcast model use FOLDER`, or unset it for the built-in copywriter"
            )
        return self

    def releases(self) -> list[Release]:
        """All versions, the built-in one first, then by name and version in natural order. Damaged ones are
        listed too."""
        found = [
            (path.parent.parent.name, path.parent.name, path)
            for path in self.root.glob(f"*/*/{MANIFEST_FILE}")
        ]
        plain = [entry for entry in found if nameable(entry[0], entry[1])]
        return [
            _release(BUILTIN, _version_of(builtin_folder()), builtin_folder()),
            *(_release(name, version, path.parent) for name, version, path in sorted(plain, key=_natural)),
        ]

    def history(self) -> list[Move]:
        """Where the pointer stood, newest first; empty = the built-in copywriter, always. Raises
        RegistryError when it is damaged."""
        path = self.root / POINTER
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RegistryError(
                f"{path}: {error.strerror}; name a registry in SHIFTCAST_MODEL_DIR"
            ) from error
        try:
            return [_move(line) for line in lines]
        except ValueError as error:
            raise RegistryError(
                f"{path}: not a pointer ({error}); write it anew with `shiftcast model use NAME/VERSION`"
            ) from error

    def current(self) -> Release:
        """The version that writes. Raises RegistryError when it is missing or damaged."""
        moves = self.history()
        return self.whole(moves[0].release) if moves else self.find(BUILTIN)

    def find(self, reference: str) -> Release:
        """The version called `name/version`, or `builtin`. Raises RegistryError."""
        if reference == BUILTIN:
            return _release(BUILTIN, _version_of(builtin_folder()), builtin_folder())
        name, _, version = reference.partition("/")
        if not nameable(name, version):
            raise RegistryError(
                f"{reference!r} names no version: give NAME/VERSION or {BUILTIN}; `shiftcast model list` "
                "shows them"
            )
        folder = self.root / name / version
        if not (folder / MANIFEST_FILE).is_file():
            raise RegistryError(f"{self.root} has no {reference}; `shiftcast model list` shows what it has")
        return self.whole(_release(name, version, folder))

    def folder(self, release: Release) -> Path:
        """Where the files of a release are."""
        return builtin_folder() if release.name == BUILTIN else self.root / release.name / release.version

    def whole(self, release: Release) -> Release:
        """`release`, when its manifest and every file of it are what they were. Raises RegistryError."""
        folder = self.folder(release)
        try:
            _check(folder, release.sha256)
        except ModelFileError as error:
            raise RegistryError(f"{release.reference} cannot be used: {error}") from error
        return release

    def add(self, folder: Path) -> Release:
        """A checked copy of a model folder under the name and version of its manifest.

        Adding the same again changes nothing. Raises RegistryError for a damaged folder and for a version
        that is taken by other files.
        """
        try:
            _check(folder, None)
            manifest = open_folder(folder).manifest
        except ModelFileError as error:
            raise RegistryError(str(error)) from error
        name, version = str(manifest["name"]), str(manifest["version"])
        if not nameable(name, version):
            raise RegistryError(
                f"{folder}: {name}/{version} cannot name a folder; write it again with another --name and "
                "--version"
            )
        release, target = _release(name, version, folder), self.root / name / version
        if target.exists():
            if _sum(target / MANIFEST_FILE) != release.sha256:
                raise RegistryError(
                    f"{target} holds another model of that name and version; give the new one another "
                    "--version"
                )
            return self.whole(release)
        target.parent.mkdir(parents=True, exist_ok=True)
        adding = target.with_name(f".adding-{version}")
        shutil.rmtree(adding, ignore_errors=True)  # what a killed process left
        shutil.copytree(folder, adding)
        adding.rename(target)
        return self.whole(release)

    def use(self, reference: str, now_ms: int) -> Move:
        """Point at `reference`. Naming the current version again only gives it a new time. Raises
        RegistryError."""
        with self._locked():
            release, past = self.find(reference), self.history()
            older = past[1:] if past and past[0].release == release else past
            return self._point([Move(release, now_ms), *older])

    def roll_back(self, now_ms: int) -> Move:
        """Point at what stood before, in the end the built-in copywriter. Raises RegistryError when nothing
        did, or it is damaged."""
        with self._locked():
            past = self.history()
            if not past or (len(past) == 1 and past[0].release.name == BUILTIN):
                raise RegistryError(
                    f"{self.root}: nothing stood before {BUILTIN}; choose with `shiftcast model use "
                    "NAME/VERSION`"
                )
            older = past[1:] or [Move(self.find(BUILTIN), now_ms)]
            return self._point([Move(self.whole(older[0].release), now_ms), *older[1:]])

    def _point(self, moves: Sequence[Move]) -> Move:
        lines = [
            f"{move.release.name}/{move.release.version} {move.release.sha256} {move.since_ms}\n"
            for move in moves[:_REMEMBERED]
        ]
        pointer = self.root / POINTER
        written_beside(pointer, "".join(lines).encode()).replace(pointer)
        return moves[0]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time moves the pointer; the lock ends with the process."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _check(folder: Path, manifest_sha256: str | None) -> None:
    """Raises ModelFileError unless every file is what the manifest says, and the manifest what it was."""
    opened = open_folder(folder)
    if manifest_sha256 is not None and _sum(folder / MANIFEST_FILE) != manifest_sha256:
        raise ModelFileError(
            f"{folder / MANIFEST_FILE}: its sha256 is not {manifest_sha256[:12]}…, so it is another model; "
            "restore it"
        )
    for name in opened.manifest["files"]:
        opened.read(name)


def _release(name: str, version: str, folder: Path) -> Release:
    return Release(name, version, _sum(folder / MANIFEST_FILE))


def _version_of(folder: Path) -> str:
    return str(open_folder(folder).manifest["version"])


def _sum(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise RegistryError(f"{path}: {error.strerror}; restore the file") from error


def _move(line: str) -> Move:
    reference, sum_, since = line.split(" ")
    name, version = reference.split("/")
    return Move(Release(name, version, sum_), int(since))


def _natural(entry: tuple[str, str, Path]) -> list[tuple[int, int, str]]:
    """Sort key in which version 10 comes after 9."""
    parts = _DIGITS.split(f"{entry[0]}/{entry[1]}")
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
