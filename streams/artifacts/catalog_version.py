"""A version of the catalogue as records: its items, its arrays in chunks, its manifest LAST.

Within a version an item changes by its record alone: it is checked by its own sum, and new items take the
rows after the last.
"""

from __future__ import annotations

import io
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.catalog.codes import MOST_CODES
from models.catalog.prices import PriceCuts, fit_cuts, price_z
from models.catalog.space.basis import DIM, Basis
from models.catalog.terms import fit_terms
from models.catalog.version import Catalog
from models.item import Item
from streams.artifacts.detector import settings_of
from streams.artifacts.kinds import (
    CATALOG_KIND,
    MANIFEST_PART,
    DamagedError,
    checked_artifact,
    damage_of,
    float32_array,
    float32_text,
    summed,
)
from streams.records import ArtifactRecord

ITEM: Final = "item:"
BASIS: Final = "basis:"
CHUNK_BYTES: Final = 384 * 1024
"""Raw bytes per chunk: 512 KB as base64."""
WEIGHT: Final = "weight:"
"""Before the name of an encoder's array among the version's arrays."""
ARRAYS: Final = (
    "centroids", "segments", "pi", "kernel", "rotation", "code_map", "popularity", "words", "complements",
    "complement_shares",
)  # fmt: skip
"""Fields of Catalog that travel in the chunks under their own names; versions made before one of them was
there go without it."""


@dataclass(frozen=True, eq=False)
class ItemPart:
    """One item with its place in the version."""

    row: int
    item: Item
    code: int
    vector: NDArray[np.float32]  # (DIM,)


@dataclass(frozen=True)
class Manifest:
    """What a version must have before it may be current, and what of it is not an array."""

    items: int
    fitted_items: int
    chunks: int
    arrays_sha256: str
    previous: int
    curated: bool
    code_names: tuple[str, ...]
    encoder: str
    detector: dict[str, float]
    price_cuts: dict[str, tuple[float, ...]] | None = None  # None in versions made before there were any


def records_of(catalog: Catalog) -> Iterator[ArtifactRecord]:
    """A whole version in the order it must be published: items, chunks, manifest."""
    yield from (item_record(catalog, row) for row in range(len(catalog.items)))
    blob = _packed(catalog)
    chunks = [blob[start : start + CHUNK_BYTES] for start in range(0, len(blob), CHUNK_BYTES)]
    for number, chunk in enumerate(chunks):
        yield ArtifactRecord(
            CATALOG_KIND, catalog.version, f"{BASIS}{number}", {"bytes": b64encode(chunk).decode()}
        )
    manifest = Manifest(
        items=len(catalog.items),
        fitted_items=catalog.fitted_items,
        chunks=len(chunks),
        arrays_sha256=sha256(blob).hexdigest(),
        previous=catalog.previous,
        curated=catalog.curated,
        code_names=catalog.code_names,
        encoder=catalog.basis.encoder,
        detector=catalog.detector._asdict(),
        price_cuts={key: tuple(cuts) for key, cuts in catalog.price_cuts.items()},
    )
    yield summed(CATALOG_KIND, catalog.version, MANIFEST_PART, msgspec.to_builtins(manifest))


def changes_of(old: Catalog, new: Catalog) -> Iterator[ArtifactRecord]:
    """The records of items that `models.catalog.fitting.extended` added or changed; both of one version."""
    for row, item in enumerate(new.items):
        if row >= len(old.items) or item != old.items[row]:
            yield item_record(new, row)


def item_record(catalog: Catalog, row: int) -> ArtifactRecord:
    """The record of one row."""
    data = {
        "row": row,
        "code": int(catalog.codes[row]),
        "vector": float32_text(catalog.vectors[row]),
        "item": msgspec.to_builtins(catalog.items[row]),
    }
    return summed(CATALOG_KIND, catalog.version, ITEM + catalog.items[row].item_id, data)


def item_part(record: ArtifactRecord) -> ItemPart:
    """The item of a record. Raises DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        vector = float32_array(data["vector"], (DIM,))
        row, code = int(data["row"]), int(data["code"])
        if row < 0 or not 0 <= code < MOST_CODES or not np.isfinite(vector).all():
            raise ValueError(f"row {row}, code {code} or the vector is out of range")
        return ItemPart(row, msgspec.convert(data["item"], Item), code, vector)


def chunk_part(record: ArtifactRecord) -> tuple[int, bytes]:
    """Number and bytes of a chunk; the manifest holds the sum of all. Raises DamagedError."""
    with damage_of(record):
        return int(record.part.removeprefix(BASIS)), b64decode(record.data["bytes"], validate=True)


def manifest_part(record: ArtifactRecord) -> Manifest:
    """The manifest of a record. Raises DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        return msgspec.convert(data, Manifest)


def assembled(version: int, manifest: Manifest, blob: bytes, parts: list[ItemPart]) -> Catalog:
    """The catalogue of a complete version, `parts` in order of row. Raises DamagedError on a wrong sum."""
    if sha256(blob).hexdigest() != manifest.arrays_sha256:
        raise DamagedError(f"catalogue version {version}: the sum of its arrays is not the manifest's")
    arrays = dict(np.load(io.BytesIO(blob), allow_pickle=False))
    weights = {name.removeprefix(WEIGHT): array for name, array in arrays.items() if name.startswith(WEIGHT)}
    basis = Basis(
        manifest.encoder,
        weights,
        arrays["mean"],
        arrays["projection"],
    )
    fitted = parts[: manifest.fitted_items]
    fitted_items, codes = [part.item for part in fitted], np.array([part.code for part in fitted])
    cuts = manifest.price_cuts
    if cuts is None:
        cuts = fit_cuts(fitted_items, codes)
    if "words" not in arrays:  # of versions made before, or words by the rules of before
        arrays["words"] = fit_terms(fitted_items, codes)
    return Catalog(
        version=version,
        **_columns(cuts, parts),
        fitted_items=manifest.fitted_items,
        code_names=manifest.code_names,
        curated=manifest.curated,
        basis=basis,
        detector=settings_of(manifest.detector),
        price_cuts=cuts,
        previous=manifest.previous,
        **{name: arrays[name] for name in ARRAYS if name in arrays},
    )


def with_items(catalog: Catalog, parts: list[ItemPart]) -> Catalog:
    """The same version with these items, in order of row."""
    return replace(catalog, **_columns(catalog.price_cuts, parts))


def _columns(cuts: PriceCuts, parts: list[ItemPart]) -> dict[str, Any]:
    items = tuple(part.item for part in parts)
    codes = np.array([part.code for part in parts], np.int16)
    return {
        "items": items,
        "vectors": np.stack([part.vector for part in parts]),
        "codes": codes,
        "price_z": price_z(cuts, items, codes),
    }


def _packed(catalog: Catalog) -> bytes:
    """All arrays of a version as one npz, equal bytes for equal arrays."""
    arrays: dict[str, Any] = {name: getattr(catalog, name) for name in ARRAYS}
    arrays |= {"mean": catalog.basis.mean, "projection": catalog.basis.projection}
    arrays |= {WEIGHT + name: array for name, array in catalog.basis.weights.items()}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()
