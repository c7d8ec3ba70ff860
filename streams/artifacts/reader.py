"""Assembles the current catalogue from the records of ads.artifact.v1 as a Follower brings them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Final

from models.catalog.version import Catalog
from models.portrait.portrait import Portraits
from streams.artifacts.announcements import Announced, announced
from streams.artifacts.catalog_version import (
    BASIS,
    ITEM,
    ItemPart,
    Manifest,
    assembled,
    chunk_part,
    item_part,
    manifest_part,
    with_items,
)
from streams.artifacts.detector import DetectorPart, detector_part
from streams.artifacts.kinds import (
    CATALOG_KIND,
    COPYWRITER_KIND,
    DETECTOR,
    MANIFEST_PART,
    PICTURED,
    PORTRAITS,
    SHARED,
    DamagedError,
    artifact_key,
)
from streams.artifacts.pictured import Pictured, pictured_part
from streams.artifacts.portraits import portraits_part
from streams.artifacts.shared import SharedCreative, shared_part
from streams.records import ArtifactRecord, Record
from streams.topics import TopicSpec
from streams.wire.codecs import Headers

log = logging.getLogger(__name__)

_READ: Final = frozenset({CATALOG_KIND, DETECTOR, PORTRAITS, SHARED, PICTURED})
"""Kinds beside who writes; others are read elsewhere, or come of a later release."""


@dataclass
class _Version:
    """What has arrived of one version."""

    rows: dict[int, ItemPart] = field(default_factory=dict)
    chunks: dict[int, bytes] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    manifest: Manifest | None = None
    detector: DetectorPart | None = None
    portraits: Portraits | None = None
    contiguous: int = 0  # rows 0..contiguous-1 are here

    def put(self, part: ItemPart) -> None:
        self.rows[part.row] = part
        while self.contiguous in self.rows:
            self.contiguous += 1

    def parts(self) -> list[ItemPart]:
        return [self.rows[row] for row in range(self.contiguous)]

    def whole(self) -> bool:
        """Manifest, every chunk and every item it counts are here."""
        if self.manifest is None:
            return False
        return 0 < self.manifest.items <= self.contiguous and all(
            n in self.chunks for n in range(self.manifest.chunks)
        )


class ArtifactReader:
    """The current catalogue, its detector settings and portraits, the shared creatives with their pictures
    and the announced copywriters.

    A version becomes current when its manifest, every chunk and every item it counts are there and all sums
    match; until then the one before stays. A damaged record is logged and counts as missing. `damaged` names
    the last one.
    """

    def __init__(self) -> None:
        self.shared: dict[str, SharedCreative] = {}
        self.pictured: dict[str, Pictured] = {}
        self.copywriters: dict[str, Announced] = {}  # role -> what was announced last
        self.damaged: str | None = None
        self._versions: dict[int, _Version] = {}
        self._catalog: Catalog | None = None
        self._stale = False

    def on_record(
        self, spec: TopicSpec, key: str, record: Record | None, headers: Headers, append_ts: int
    ) -> None:
        """What a Follower of ads.artifact.v1 calls."""
        assert record is None or isinstance(record, ArtifactRecord), f"{spec.name} carries artefact records"
        self.apply(key, record)

    def apply(self, key: str, record: ArtifactRecord | None) -> bool:
        """Take one record, None = tombstone of `key`. True when `catalog` or `shared` changed."""
        kind, _, rest = key.partition("|")
        if kind == COPYWRITER_KIND:
            self._hear(rest.partition("|")[2], record)
            return False
        if kind not in _READ:
            return False  # others read it, or a later release
        try:
            if record is None:
                return self._withdraw(kind, rest)
            if kind == SHARED:
                self.shared[record.part] = shared_part(record)
                return True
            if kind == PICTURED:
                self.pictured[record.part] = pictured_part(record)
                return False
            return self._take(kind, record)
        except DamagedError as error:
            self.damaged = str(error)
            log.error(
                "ads.artifact.v1: %s; publish the catalogue again with `shiftcast index --refit`", error
            )
            return False

    @property
    def catalog(self) -> Catalog | None:
        """The current catalogue, or None before the first. The same object until something changed."""
        if self._stale and self._catalog is not None:
            version = self._versions[self._catalog.version]
            self._catalog = _configured(with_items(self._catalog, version.parts()), version.detector)
            self._stale = False
        return self._catalog

    @property
    def detector(self) -> DetectorPart | None:
        """What was published of the detector for the current catalogue version; None: what came with it."""
        return None if self._catalog is None else self._versions[self._catalog.version].detector

    @property
    def portraits(self) -> Portraits | None:
        """Of groups of users, as they were published for the current catalogue version."""
        return None if self._catalog is None else self._versions[self._catalog.version].portraits

    def keys_before(self, version: int) -> list[str]:
        """Topic keys of records of older versions of the catalogue, in order: what may be withdrawn."""
        return sorted(key for number, old in self._versions.items() if number < version for key in old.keys)

    def _hear(self, role: str, record: ArtifactRecord | None) -> None:
        try:
            if record is not None:
                self.copywriters[role] = announced(record)
            else:
                self.copywriters.pop(role, None)
        except DamagedError as error:
            self.damaged = str(error)
            log.error("ads.artifact.v1: %s; announce it again with `shiftcast model use`", error)

    def _take(self, kind: str, record: ArtifactRecord) -> bool:
        version = self._versions.setdefault(record.version, _Version())
        version.keys.add(artifact_key(record))
        is_current = self._catalog is not None and record.version == self._catalog.version
        if kind == DETECTOR:
            version.detector = detector_part(record)
            self._stale |= is_current
            return is_current
        if kind == PORTRAITS:
            version.portraits = portraits_part(record)
            return is_current
        if record.part.startswith(ITEM):
            version.put(item_part(record))
            self._stale |= is_current
            if is_current:
                return True
        elif record.part.startswith(BASIS):
            number, chunk = chunk_part(record)
            version.chunks[number] = chunk
        elif record.part == MANIFEST_PART:
            version.manifest = manifest_part(record)
        return self._promote(record.version)

    def _promote(self, number: int) -> bool:
        version = self._versions[number]
        if not version.whole() or (self._catalog is not None and number <= self._catalog.version):
            return False
        assert version.manifest is not None
        blob = b"".join(version.chunks[n] for n in range(version.manifest.chunks))
        self._catalog = _configured(
            assembled(number, version.manifest, blob, version.parts()), version.detector
        )
        self._stale = False
        for older in self._versions:
            if older < number:
                self._versions[older] = _Version(keys=self._versions[older].keys)
        return True

    def _withdraw(self, kind: str, rest: str) -> bool:
        if kind == SHARED:
            return self.shared.pop(rest.partition("|")[2], None) is not None
        if kind == PICTURED:
            self.pictured.pop(rest.partition("|")[2], None)
            return False
        version = rest.partition("|")[0]
        if version.isdecimal() and (old := self._versions.get(int(version))) is not None:
            old.keys.discard(f"{kind}|{rest}")
            if kind == PORTRAITS:
                old.portraits = None
                return self._catalog is not None and int(version) == self._catalog.version
        return False


def _configured(catalog: Catalog, detector: DetectorPart | None) -> Catalog:
    if detector is None:
        return catalog
    return replace(catalog, detector=detector.settings, pi=detector.pi, kernel=detector.kernel)
