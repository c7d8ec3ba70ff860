"""The catalogue artefact as records of ads.artifact.v1, and each kind of record in it.

`catalog|<version>|item:<id>`    one item: its row, code and vector, with the sha256 of the three
`catalog|<version>|basis:<n>`    chunk n of the version's arrays
`catalog|<version>|manifest`     LAST: counts of items and chunks, the sum of the arrays; only now current
`detector|<version>|settings`    detector settings of that catalogue version, with prior and kernel
`shared|0|<audience>|...`        which shared creative stands under an audience key
`copywriter|0|current`           who writes; `copywriter|0|shadow` beside it (streams.wire.announcements)
`click_model|<version>|...`       weights of the click model (streams.wire.click_model)

Within a version an item changes by its record alone: it is checked by its own sum, and new items take the
rows after the last.
"""

from __future__ import annotations

import io
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.catalog.basis import DIM, Basis, price_z
from models.catalog.codes import MOST_CODES
from models.catalog.version import Catalog
from models.interest.budget import TriggerTotals
from models.interest.shift import DetectorSettings
from models.item import Item
from streams.records import ArtifactRecord

_CATALOG: Final = "catalog"
DETECTOR: Final = "detector"
SHARED: Final = "shared"
COPYWRITER_KIND: Final = "copywriter"
CLICK_MODEL: Final = "click_model"
BY_BUDGET: Final = "generations"
BY_CALIBRATION: Final = "calibration"
BY_NOBODY: Final = "default"
"""Who set the detector's threshold, the first goes before the next: the budget of generations, `shiftcast
calibrate --publish`, nobody (as it came with the catalogue, or as a withdrawn budget left it)."""
MANIFEST_PART: Final = "manifest"
SETTINGS: Final = "settings"
ITEM: Final = "item:"
BASIS: Final = "basis:"
CHUNK_BYTES: Final = 384 * 1024
"""Raw bytes per chunk: 512 KB as base64."""
WEIGHT: Final = "weight:"
"""Before the name of an encoder's array among the version's arrays."""

ARRAYS: Final = ("centroids", "segments", "pi", "kernel", "rotation", "code_map")
"""Fields of Catalog that travel in the chunks under their own names."""

_canonical: Final = msgspec.json.Encoder(order="sorted")


class DamagedError(ValueError):
    """A part of an artefact whose sum, shape or fields are not what they must be."""


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
    price_mean: dict[str, float]
    price_sd: dict[str, float]
    detector: dict[str, float]


_NOTHING_YET: Final = TriggerTotals()


@dataclass(frozen=True)
class ThresholdOrigin:
    """Who set a threshold; of a budget of generations what it wants, what was measured before the last step,
    when that was and how much had been counted then."""

    source: str = BY_NOBODY
    wanted_per_1000: float = 0.0
    seen_per_1000: float | None = None
    since_ms: int = 0
    totals: TriggerTotals = _NOTHING_YET


@dataclass(frozen=True, eq=False)
class DetectorPart:
    """Detector settings of one catalogue version, and who set their threshold."""

    settings: DetectorSettings
    pi: NDArray[np.float32]  # (CODES,)
    kernel: NDArray[np.float32]  # (CODES, CODES)
    origin: ThresholdOrigin = ThresholdOrigin()


@dataclass(frozen=True)
class SharedCreative:
    """The creative that stands under a shared audience key, and what its exposures are counted under."""

    creative_id: str
    campaign_id: str
    slot: str
    segment: str
    template_id: str
    arm: str
    propensity: float
    expires_ms: int
    item_id: str | None = None
    created_ms: int = 0  # not known: long ago


def artifact_key(record: ArtifactRecord) -> str:
    """Topic key of an artefact record."""
    return f"{record.kind}|{record.version}|{record.part}"


def records_of(catalog: Catalog) -> Iterator[ArtifactRecord]:
    """A whole version in the order it must be published: items, chunks, manifest."""
    yield from (item_record(catalog, row) for row in range(len(catalog.items)))
    blob = _packed(catalog)
    chunks = [blob[start : start + CHUNK_BYTES] for start in range(0, len(blob), CHUNK_BYTES)]
    for number, chunk in enumerate(chunks):
        yield ArtifactRecord(
            _CATALOG, catalog.version, f"{BASIS}{number}", {"bytes": b64encode(chunk).decode()}
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
        price_mean=dict(catalog.basis.price_mean),
        price_sd=dict(catalog.basis.price_sd),
        detector=catalog.detector._asdict(),
    )
    yield summed(_CATALOG, catalog.version, MANIFEST_PART, msgspec.to_builtins(manifest))


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
        "vector": _text(catalog.vectors[row]),
        "item": msgspec.to_builtins(catalog.items[row]),
    }
    return summed(_CATALOG, catalog.version, ITEM + catalog.items[row].item_id, data)


def detector_record(version: int, part: DetectorPart) -> ArtifactRecord:
    """The record that makes detector settings current for catalogue `version`."""
    data = {
        "settings": part.settings._asdict(),
        "pi": _text(part.pi),
        "kernel": _text(part.kernel),
        "origin": msgspec.to_builtins(part.origin),
    }
    return summed(DETECTOR, version, SETTINGS, data)


def shared_record(audience_key: str, shared: SharedCreative) -> ArtifactRecord:
    """The record that tells profile workers of a shared creative; `audience_key` = its key on
    ads.creative.v1."""
    return summed(SHARED, 0, audience_key, msgspec.to_builtins(shared))


def item_part(record: ArtifactRecord) -> ItemPart:
    """The item of a record. Raises DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        vector = _array(data["vector"], (DIM,))
        row, code = int(data["row"]), int(data["code"])
        if row < 0 or not 0 <= code < MOST_CODES or not np.isfinite(vector).all():
            raise ValueError(f"row {row}, code {code} or the vector is out of range")
        return ItemPart(row, msgspec.convert(data["item"], Item), code, vector)


def detector_part(record: ArtifactRecord) -> DetectorPart:
    """The detector settings of a record. Raises DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        return DetectorPart(
            _settings(data["settings"]),
            _array(data["pi"], (MOST_CODES,)),
            _array(data["kernel"], (MOST_CODES, MOST_CODES)),
            msgspec.convert(data.get("origin", {"source": BY_CALIBRATION}), ThresholdOrigin),
        )


def shared_part(record: ArtifactRecord) -> SharedCreative:
    """The shared creative of a record. Raises DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        return msgspec.convert(data, SharedCreative)


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
        manifest.price_mean,
        manifest.price_sd,
    )
    return Catalog(
        version=version,
        **_columns(basis, parts),
        fitted_items=manifest.fitted_items,
        code_names=manifest.code_names,
        curated=manifest.curated,
        basis=basis,
        detector=_settings(manifest.detector),
        previous=manifest.previous,
        **{name: arrays[name] for name in ARRAYS},
    )


def with_items(catalog: Catalog, parts: list[ItemPart]) -> Catalog:
    """The same version with these items, in order of row."""
    return replace(catalog, **_columns(catalog.basis, parts))


def _columns(basis: Basis, parts: list[ItemPart]) -> dict[str, Any]:
    items = tuple(part.item for part in parts)
    return {
        "items": items,
        "vectors": np.stack([part.vector for part in parts]),
        "codes": np.array([part.code for part in parts], np.int16),
        "price_z": price_z(basis, items),
    }


def _packed(catalog: Catalog) -> bytes:
    """All arrays of a version as one npz, equal bytes for equal arrays."""
    arrays: dict[str, Any] = {name: getattr(catalog, name) for name in ARRAYS}
    arrays |= {"mean": catalog.basis.mean, "projection": catalog.basis.projection}
    arrays |= {WEIGHT + name: array for name, array in catalog.basis.weights.items()}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def summed(kind: str, version: int, part: str, data: dict[str, Any]) -> ArtifactRecord:
    """A record that carries the sum of its data."""
    return ArtifactRecord(kind, version, part, {**data, "sha256": _sum(data)})


def checked_artifact(record: ArtifactRecord) -> dict[str, Any]:
    """The data of a record whose sum is right. Raises DamagedError."""
    data = {name: value for name, value in record.data.items() if name != "sha256"}
    if _sum(data) != record.data.get("sha256"):
        raise DamagedError(f"{artifact_key(record)}: the record's sum is not that of its data")
    return data


@contextmanager
def damage_of(record: ArtifactRecord) -> Iterator[None]:
    """Whatever is wrong with the fields of a record is damage to it."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:  # msgspec's errors are ValueErrors
        raise DamagedError(f"{artifact_key(record)}: {error}") from error


def _settings(data: dict[str, float]) -> DetectorSettings:
    """JSON says 8.0 of what kernels take as the integer 8."""
    defaults = DetectorSettings()._asdict()
    return DetectorSettings(**{name: type(usual)(data.get(name, usual)) for name, usual in defaults.items()})


def _sum(data: dict[str, Any]) -> str:
    return sha256(_canonical.encode(data)).hexdigest()


def _text(array: NDArray[np.float32]) -> str:
    return b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def _array(text: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.frombuffer(b64decode(text, validate=True), "<f4").reshape(shape)
