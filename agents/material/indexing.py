"""A folder becomes a library: every file read once, near duplicates named, pictures matched to items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from rich.console import Console
from rich.progress import Progress

from agents.material.captions import read_captions
from agents.material.folder import UnusableError, supplied_files
from agents.material.library import LibraryLine, line_of_file, material_of, with_likes, write_library
from models.catalog.fitting import FIT_SEED
from models.catalog.space.basis import item_text_of
from models.catalog.space.encoder import NoWordsError, fit_encoder
from models.item import Item
from models.material.image_encoder import ImageEncoder, ImageEncoderError, load_image_encoder
from models.material.nearness import both, near_by_sight, near_by_words
from streams import records as r
from streams.loud_end import RefusedError
from streams.mapping.catalog_items import item_of
from streams.wire.record_files import read_lines


@dataclass(frozen=True, slots=True)
class IndexingWish:
    """`text_encoder`: folder of the catalogue's sentence encoder, None = the built-in one."""

    folder: Path
    captions: Path | None = None
    items: Path | None = None
    encoder: Path | None = None
    text_encoder: Path | None = None
    prefix: str = ""


@dataclass(frozen=True)
class Library:
    """`left_out`: why, by file; `unmatched`: captions of files that are not there."""

    lines: list[LibraryLine]
    left_out: dict[str, str]
    unmatched: list[str]
    material: list[r.SuppliedPicture]

    def write(self, path: Path) -> None:
        """Raises OSError."""
        write_library(path, self.lines)

    def summary(self) -> dict[str, Any]:
        """For machines."""
        return {
            "pictures": sum(each.kind == "picture" for each in self.lines),
            "clips": sum(each.kind == "clip" for each in self.lines),
            "near_duplicates": {each.file: each.like for each in self.lines if each.like},
            "left_out": self.left_out,
            "captions_without_a_file": self.unmatched,
            "material": msgspec.to_builtins(self.material),
        }


def index_material(asked: IndexingWish, quiet: bool) -> Library:
    """Raises RefusedError, OSError."""
    files = supplied_files(asked.folder)
    said = read_captions(asked.captions) if asked.captions else {}
    encoder = _image_encoder(asked.encoder)
    items = [item_of(each) for each in read_lines(asked.items, r.CatalogItem)] if asked.items else []
    lines, left_out = list[LibraryLine](), dict[str, str]()
    with Progress(console=Console(stderr=True), transient=True, disable=quiet) as progress:
        for file in progress.track(files, description=f"reading {len(files)} files"):
            try:
                lines.append(line_of_file(file, asked.folder, said.get(file.name), encoder))
            except UnusableError as error:
                left_out[file.name] = str(error)
    lines = _matched(with_likes(lines), items, encoder, asked.text_encoder)
    unmatched = sorted(said.keys() - {each.name for each in files})
    material = material_of(lines, asked.prefix) if asked.prefix else []
    return Library(lines, left_out, unmatched, material)


def lines_told(made: Library, path: Path, campaign: str | None, version: int | None) -> list[str]:
    """For people."""
    found = made.summary()
    told = [f"{found['pictures']} pictures and {found['clips']} clips in {path}"]
    told += [f"looks like {first}: {file}" for file, first in found["near_duplicates"].items()]
    told += [f"left out {file}: {why}" for file, why in made.left_out.items()]
    told += [f"no such file: {file}, of the captions" for file in made.unmatched]
    if version is not None:
        told.append(f"campaign {campaign} has {len(made.material)} pictures as of version {version}")
    elif made.material:
        told.append("for a campaign's pool.material: the same with --json, or --campaign ID")
    return told


def _image_encoder(folder: Path | None) -> ImageEncoder | None:
    try:
        return None if folder is None else load_image_encoder(folder)
    except ImageEncoderError as error:
        raise RefusedError(str(error)) from error


def _matched(
    lines: list[LibraryLine], items: Sequence[Item], encoder: ImageEncoder | None, text_encoder: Path | None
) -> list[LibraryLine]:
    if not items or not lines:
        return lines
    near = _by_words(lines, items, text_encoder)
    if encoder is not None and encoder.reads_texts:
        texts = encoder.of_texts([f"a photo of {each.title}" for each in items])
        seen = near_by_sight(np.array([each.seen for each in lines], np.float32), texts, items)
        near = [both(one, other) for one, other in zip(near, seen, strict=True)]
    return [msgspec.structs.replace(line, near=found) for line, found in zip(lines, near, strict=True)]


def _by_words(
    lines: Sequence[LibraryLine], items: Sequence[Item], text_encoder: Path | None
) -> list[dict[str, float]]:
    texts = [" ".join((each.caption, *each.cat)) for each in lines]
    try:
        if text_encoder is None:
            return near_by_words(
                texts, items, fit_encoder([item_text_of(each) for each in items], seed=FIT_SEED)
            )
        from models.catalog.space.sentence_encoder import EncoderFolderError, load_encoder

        try:
            return near_by_words(texts, items, load_encoder(text_encoder))
        except EncoderFolderError as error:
            raise RefusedError(str(error)) from error
    except NoWordsError:
        return [{} for _ in lines]
