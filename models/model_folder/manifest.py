"""Manifests of model folders, and the files that they name by their sha256."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from models.file_sum import sha256_of
from models.model_folder.graph_file import ModelFileError

MANIFEST: Final = "manifest.json"
Manifest = TypeVar("Manifest")


def read_manifest(folder: Path, type: type[Manifest], what: str, again: str) -> tuple[Manifest, str]:
    """The manifest of a folder, and a hash of it that names the model in what it makes. `what`: the model, in
    words, `again`: how its folder is written. Raises ModelFileError in one line."""
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
        manifest = msgspec.json.decode(data, type=type)
    except OSError as error:
        raise ModelFileError(f"{path}: {error.strerror}; name the folder of {what}") from error
    except msgspec.MsgspecError as error:
        raise ModelFileError(f"{path}: no manifest of {what} ({error}): {again}") from error
    return manifest, hashlib.sha256(data).hexdigest()[:40]


def checked_file(path: Path, expected: str | None, again: str) -> Path:
    """A file of the sha256 that the manifest says, None = it names none. Raises ModelFileError."""
    if expected is None or not path.is_file():
        raise ModelFileError(f"{path} is missing: {again}")
    if sha256_of(path) != expected:
        raise ModelFileError(f"{path}: its sha256 differs from {MANIFEST}: restore the file, or {again}")
    return path
