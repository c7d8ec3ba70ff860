"""What the items of a catalogue look like, from the pictures of a library that name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from agents.material.library import LibraryLine
from models.arrays import FloatArray
from models.item import Item
from streams.loud_end import RefusedError


def item_looks_of(path: Path, items: Sequence[Item]) -> FloatArray:
    """(items, p) unit rows: the image encoder's vectors where the library has them, else colour, texture and
    shape; zero without a picture. Raises RefusedError, OSError."""
    found: defaultdict[str, list[list[float]]] = defaultdict(list)
    for line in _lines(path):
        for item_id in line.item_ids:
            found[item_id].append(line.seen or line.vector)
    widths = {len(each) for vectors in found.values() for each in vectors}
    if not any(item.item_id in found for item in items):
        raise RefusedError(
            f"{path}: no picture names an item of the catalogue; give item_id in the captions and make the "
            "library anew with `shiftcast assets index FOLDER --captions FILE.csv`"
        )
    if len(widths) > 1:
        raise RefusedError(f"{path} mixes encoders; make it anew with `shiftcast assets index FOLDER`")
    looks = np.zeros((len(items), widths.pop()), np.float32)
    for row, item in enumerate(items):
        if vectors := found.get(item.item_id):
            looks[row] = np.mean(vectors, axis=0)
    return np.asarray(looks / np.maximum(np.linalg.norm(looks, axis=1, keepdims=True), 1e-12), np.float32)


def _lines(path: Path) -> list[LibraryLine]:
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            found.append(msgspec.json.decode(line, type=LibraryLine))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RefusedError(
                f"{path}, line {number}: {error}; `shiftcast assets index FOLDER` writes such a file"
            ) from error
    return found
