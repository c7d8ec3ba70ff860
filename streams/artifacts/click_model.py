"""The click model as records of ads.artifact.v1.

`click_model|<version>|weights:<n>`  chunk n of the two weight tables, sparse
`click_model|<version>|manifest`     LAST: their sum, what was learnt, how good it is, where reading goes on

A version is what a trainer goes on from: it holds the sums of the learner, and per partition of
ads.exposure.v1 the offset of the first exposure that it has not learnt. The model of behaviour, fitted anew
each time, is published alike as kind `behaviour_model`, without offsets.
"""

from __future__ import annotations

import io
import logging
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.click.features import SLOT_BITS
from models.click.learner import Learning, Weights
from models.click.model import ClickModel
from models.click.quality import Quality
from streams.artifacts.catalog_version import CHUNK_BYTES
from streams.artifacts.kinds import (
    CLICK_MODEL,
    MANIFEST_PART,
    DamagedError,
    artifact_key,
    checked_artifact,
    damage_of,
    summed,
)
from streams.records import ArtifactRecord

WEIGHTS_PART: Final = "weights:"

log = logging.getLogger(__name__)


class ClickManifest(msgspec.Struct, frozen=True):
    """What of a version is not an array. `positions`: partition -> offset where reading goes on."""

    chunks: int
    sha256_of_weights: str
    bits: int
    learning: dict[str, float]
    exposures: int
    clicks: int
    click: Quality
    conversion: Quality
    made_ms: int
    positions: dict[int, int]


class PublishedClickModel(NamedTuple):
    """A complete version and its manifest."""

    model: ClickModel
    manifest: ClickManifest


def click_model_records(
    model: ClickModel, made_ms: int, positions: dict[int, int], kind: str = CLICK_MODEL
) -> Iterator[ArtifactRecord]:
    """A version in the order in which it must be published."""
    blob = _packed(model)
    chunks = [blob[start : start + CHUNK_BYTES] for start in range(0, len(blob), CHUNK_BYTES)]
    for number, chunk in enumerate(chunks):
        data = {"bytes": b64encode(chunk).decode()}
        yield ArtifactRecord(kind, model.version, f"{WEIGHTS_PART}{number}", data)
    manifest = ClickManifest(
        chunks=len(chunks),
        sha256_of_weights=sha256(blob).hexdigest(),
        bits=(len(model.click.z) - 1).bit_length(),
        learning=model.learning._asdict(),
        exposures=model.exposures,
        clicks=model.clicks,
        click=model.click_quality,
        conversion=model.conversion_quality,
        made_ms=made_ms,
        positions=positions,
    )
    yield summed(kind, model.version, MANIFEST_PART, msgspec.to_builtins(manifest, str_keys=True))


@dataclass
class _Parts:
    chunks: dict[int, bytes] = field(default_factory=dict)
    manifest: ClickManifest | None = None


class ClickModelReader:
    """The newest complete version of one kind, from the records of ads.artifact.v1 as they come; records of
    other kinds are passed over.

    A version is current when its manifest and every chunk are there and the sum is right; until then the one
    before stays.
    """

    def __init__(self, kind: str = CLICK_MODEL) -> None:
        self._kind = kind
        self.current: PublishedClickModel | None = None
        self._parts: dict[int, _Parts] = {}
        self._keys: dict[int, set[str]] = {}

    def apply(self, key: str, record: ArtifactRecord | None) -> bool:
        """Take one record, None = tombstone of `key`. True when `current` changed."""
        kind, _, rest = key.partition("|")
        if kind != self._kind:
            return False
        if record is None:
            version = rest.partition("|")[0]
            if version.isdecimal():
                self._keys.get(int(version), set()).discard(key)
            return False
        self._keys.setdefault(record.version, set()).add(artifact_key(record))
        if self.current is not None and record.version <= self.current.model.version:
            return False
        try:
            return self._take(record)
        except DamagedError as error:
            log.error("ads.artifact.v1: %s; the version before stays until the next is published", error)
            return False

    def newest(self) -> int:
        """The highest version of which anything was published; 0 = none."""
        return max(self._keys, default=0)

    def keys_before(self, version: int) -> list[str]:
        """Topic keys of older versions, in order: what may be withdrawn."""
        return sorted(key for number, keys in self._keys.items() if number < version for key in keys)

    def _take(self, record: ArtifactRecord) -> bool:
        parts = self._parts.setdefault(record.version, _Parts())
        if record.part == MANIFEST_PART:
            parts.manifest = manifest_of(record)
        else:
            with damage_of(record):
                number = int(record.part.removeprefix(WEIGHTS_PART))
                parts.chunks[number] = b64decode(record.data["bytes"], validate=True)
        if parts.manifest is None or len(parts.chunks) < parts.manifest.chunks:
            return False
        blob = b"".join(parts.chunks[number] for number in sorted(parts.chunks))
        with damage_of(record):
            self.current = PublishedClickModel(
                _unpacked(record.version, parts.manifest, blob), parts.manifest
            )
        self._parts = {number: each for number, each in self._parts.items() if number > record.version}
        return True


def manifest_of(record: ArtifactRecord) -> ClickManifest:
    """The manifest of a record. Raises DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        return msgspec.convert(data, ClickManifest, strict=False)


def _packed(model: ClickModel) -> bytes:
    """Both tables as one npz of the slots in use, equal bytes for equal tables."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, weights in (("click", model.click), ("conversion", model.conversion)):
        used = np.flatnonzero((weights.n != 0) | (weights.z != 0)).astype(np.int32)
        arrays |= {f"{name}_slots": used, f"{name}_z": weights.z[used], f"{name}_n": weights.n[used]}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpacked(version: int, manifest: ClickManifest, blob: bytes) -> ClickModel:
    """Raises ValueError for a wrong sum, or for hashes of another width than this program's."""
    if sha256(blob).hexdigest() != manifest.sha256_of_weights:
        raise ValueError("the sum of its weights is not the manifest's")
    if manifest.bits != SLOT_BITS:
        raise ValueError(f"it has 2^{manifest.bits} slots, this program hashes to 2^{SLOT_BITS}")
    arrays = dict(np.load(io.BytesIO(blob), allow_pickle=False))
    tables = {}
    for name in ("click", "conversion"):
        table, used = Weights.empty(manifest.bits), arrays[f"{name}_slots"]
        if not np.isfinite([arrays[f"{name}_z"], arrays[f"{name}_n"]]).all():
            raise ValueError(f"{name}: a weight is not finite")
        table.z[used], table.n[used] = arrays[f"{name}_z"], arrays[f"{name}_n"]
        tables[name] = table
    return ClickModel(
        version,
        Learning(**manifest.learning),
        tables["click"],
        tables["conversion"],
        manifest.exposures,
        manifest.clicks,
        manifest.click,
        manifest.conversion,
    )
