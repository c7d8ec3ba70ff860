"""Writes a model folder whole or not at all: graphs, tokenizer, manifest with the sha256 of every file,
card."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from models.export.card import card
from models.json_file import write_json
from models.model_folder.session import SCHEMA


class FolderError(RuntimeError):
    """A folder that cannot be written: says why and what to type."""


def check_free(out: Path) -> None:
    """Raises FolderError when `out` holds something already: versions are never changed once they are
    written."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FolderError(
            f"{out} exists already and a version is never overwritten; choose another --out or --version, "
            "or remove it"
        )


def write_folder(out: Path, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Writes `files` (name in the folder -> content), manifest.json and README.md; returns the manifest.

    Everything is written beside `out` and renamed, so that a killed process leaves nothing under that name.
    """
    check_free(out)
    whole = {
        "schema": SCHEMA,
        **manifest,
        "files": {name: sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as beside:
        building = Path(beside) / out.name
        for name, data in files.items():
            path = building / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        write_json(building / "manifest.json", whole)
        (building / "README.md").write_text(card(whole), encoding="utf-8")
        building.rename(out)  # takes the place of an empty folder too
    return whole
