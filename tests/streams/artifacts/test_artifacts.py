from __future__ import annotations

import random
from base64 import b64encode
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from models.catalog.complements import MOST, NOBODY
from models.catalog.fitting import extended
from models.catalog.space.encoder import restored
from models.catalog.terms import fit_terms
from models.catalog.version import Catalog
from models.event.terms import term_keys
from models.item import Item
from streams.artifacts import catalog_version
from streams.artifacts.catalog_version import (
    BASIS,
    ITEM,
    changes_of,
    chunk_part,
    item_part,
    item_record,
    records_of,
)
from streams.artifacts.detector import DetectorPart, detector_record
from streams.artifacts.kinds import DamagedError, _sum, artifact_key
from streams.artifacts.reader import ArtifactReader
from streams.artifacts.shared import SharedCreative, shared_record
from streams.records import ArtifactRecord
from streams.topics import ARTIFACT
from streams.wire.codecs import WireLimits, decode, encode
from tests.models.small_catalogue import catalogue, encoder_for, items


@pytest.fixture(scope="module")
def first() -> Catalog:
    return catalogue()


@pytest.fixture(scope="module")
def second(first: Catalog) -> Catalog:
    return catalogue(items()[::-1], first, seed=5)


def over_the_wire(record: ArtifactRecord) -> ArtifactRecord:
    value = encode(record)
    assert len(value) < ARTIFACT.value_bytes
    received = decode(ARTIFACT, value, artifact_key(record).encode(), [], 0, WireLimits())
    assert isinstance(received, ArtifactRecord)
    return received


def feed(reader: ArtifactReader, records: list[ArtifactRecord]) -> list[bool]:
    return [reader.apply(artifact_key(record), over_the_wire(record)) for record in records]


def assert_same(found: Catalog | None, wanted: Catalog) -> None:
    assert found is not None
    assert (found.version, found.previous, found.items) == (wanted.version, wanted.previous, wanted.items)
    for name in ("vectors", "codes", "centroids", "segments", "pi", "kernel", "rotation", "code_map"):
        assert np.array_equal(getattr(found, name), getattr(wanted, name)), name
    assert np.array_equal(found.price_z, wanted.price_z, equal_nan=True)
    assert (found.code_names, found.curated, found.detector) == (
        wanted.code_names,
        wanted.curated,
        wanted.detector,
    )
    assert found.price_cuts == wanted.price_cuts


def test_a_version_survives_the_wire_in_any_order_with_the_manifest_last(first: Catalog) -> None:
    *parts, manifest = records_of(first)
    random.Random(3).shuffle(parts)
    reader = ArtifactReader()
    assert not any(feed(reader, parts))
    assert reader.catalog is None
    assert feed(reader, [manifest]) == [True]
    assert_same(reader.catalog, first)
    assert reader.catalog is reader.catalog


def test_a_kind_of_a_later_release_is_passed_over(first: Catalog) -> None:
    reader = ArtifactReader()
    feed(reader, list(records_of(first)))
    assert feed(reader, [ArtifactRecord("later_kind", 1, "manifest", {"x": 1})]) == [False]
    assert reader.damaged is None and not any("later" in key for key in reader.keys_before(99))


NEWER = ("popularity", "words", "complements", "complement_shares")


def test_what_a_log_tells_travels_and_a_version_made_without_it_is_read(first: Catalog) -> None:
    reader = ArtifactReader()
    popular = np.linspace(0, 1, len(first.items), dtype=np.float32)
    words = fit_terms(first.items, first.codes)
    sold = np.full((len(first.items), MOST), NOBODY, np.int32)
    sold[0, 0] = 1
    taught = replace(
        first,
        popularity=popular,
        words=words,
        complements=sold,
        complement_shares=(sold == 1).astype(np.float32),
    )
    feed(reader, list(records_of(taught)))
    assert reader.catalog is not None and np.array_equal(reader.catalog.popularity, popular)
    assert np.array_equal(reader.catalog.complements, sold)
    assert reader.catalog.complement_shares[0, 0] == 1
    assert np.array_equal(reader.catalog.words, words) and words.dtype == reader.catalog.words.dtype
    before, arrays = (
        ArtifactReader(),
        [name for name in catalog_version.ARRAYS if name not in NEWER],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog_version, "ARRAYS", arrays)
        records = list(records_of(first))
    feed(before, records)
    assert before.catalog is not None and not len(before.catalog.popularity)
    assert np.array_equal(before.catalog.words, words), "made of its items"
    assert before.catalog.complements.shape == before.catalog.complement_shares.shape == (0, MOST)
    old, newer = ArtifactReader(), list(records_of(taught))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog_version, "ARRAYS", arrays)  # an older reader, which knows nothing of them
        feed(old, newer)
        assert old.catalog is not None and not len(old.catalog.complements)


def test_what_was_read_embeds_new_items_as_the_original_does(first: Catalog) -> None:
    reader = ArtifactReader()
    feed(reader, list(records_of(first)))
    assert reader.catalog is not None
    new = {
        "zz": replace(first.items[3], item_id="zz", title="something of kind three " + first.items[3].title)
    }
    there = extended(reader.catalog, new, restored(reader.catalog.basis.weights))
    here = extended(first, new, encoder_for(items()))
    assert np.allclose(there.vectors[-1], here.vectors[-1], atol=1e-6)


@pytest.mark.parametrize("lost", ["item:i7", "basis:0", "manifest"])
def test_an_incomplete_version_never_becomes_current(first: Catalog, lost: str) -> None:
    reader = ArtifactReader()
    assert not any(feed(reader, [record for record in records_of(first) if record.part != lost]))
    assert reader.catalog is None


def test_a_late_part_completes_the_version(first: Catalog) -> None:
    records = list(records_of(first))
    late = next(record for record in records if record.part == "item:i7")
    reader = ArtifactReader()
    feed(reader, [record for record in records if record is not late])
    assert feed(reader, [late]) == [True]
    assert_same(reader.catalog, first)


def damaged(record: ArtifactRecord) -> ArtifactRecord:
    if record.part.startswith(BASIS):
        raw = bytearray(chunk_part(record)[1])
        raw[len(raw) // 2] ^= 1
        return msgspec.structs.replace(record, data={"bytes": b64encode(bytes(raw)).decode()})
    name = "code" if record.part.startswith(ITEM) else "items"
    return msgspec.structs.replace(record, data={**record.data, name: record.data[name] - 1})


@pytest.mark.parametrize("part", ["item:i7", "basis:0", "manifest"])
def test_a_damaged_version_never_becomes_current_and_the_one_before_stays(
    first: Catalog, second: Catalog, part: str
) -> None:
    reader = ArtifactReader()
    feed(reader, list(records_of(first)))
    feed(reader, [damaged(record) if record.part == part else record for record in records_of(second)])
    assert_same(reader.catalog, first)
    assert reader.damaged is not None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"bytes": 5},
        {"row": 1, "code": 1, "vector": "AAAA", "item": {}, "sha256": "0"},
        {"items": "x", "sha256": ""},
    ],
)
@pytest.mark.parametrize("part", ["item:i7", "basis:0", "basis:x", "manifest", "other"])
def test_nonsense_is_refused_without_an_exception(first: Catalog, part: str, data: dict[str, object]) -> None:
    reader = ArtifactReader()
    feed(reader, list(records_of(first)))
    for version in (1, 2):
        assert not reader.apply(f"catalog|{version}|{part}", ArtifactRecord("catalog", version, part, data))
    assert_same(reader.catalog, first)


def test_an_honest_sum_over_wrong_shapes_is_damage(first: Catalog) -> None:
    good = item_record(first, 3)
    for change in ({"vector": "AAAA"}, {"code": 64}, {"row": -1}, {"item": {"item_id": "x"}}):
        data = {name: value for name, value in {**good.data, **change}.items() if name != "sha256"}
        with pytest.raises(DamagedError):
            item_part(msgspec.structs.replace(good, data={**data, "sha256": _sum(data)}))


def test_a_new_version_takes_over_only_whole_and_the_old_one_can_go(first: Catalog, second: Catalog) -> None:
    reader = ArtifactReader()
    feed(reader, list(records_of(first)))
    *parts, manifest = records_of(second)
    feed(reader, parts)
    assert_same(reader.catalog, first)
    feed(reader, [manifest])
    assert_same(reader.catalog, second)
    old = reader.keys_before(2)
    assert sorted(artifact_key(record) for record in records_of(first)) == old
    for key in old:
        reader.apply(key, None)
    assert reader.keys_before(2) == []
    assert_same(reader.catalog, second)


def test_an_older_version_that_comes_late_changes_nothing(first: Catalog, second: Catalog) -> None:
    reader = ArtifactReader()
    feed(reader, list(records_of(second)))
    assert not any(feed(reader, list(records_of(first))))
    assert_same(reader.catalog, second)


def test_items_change_within_a_version_record_by_record(first: Catalog) -> None:
    reader = ArtifactReader()
    feed(reader, list(records_of(first)))
    before = reader.catalog
    after = extended(first, {"zz": replace(first.items[2], item_id="zz"), "i4": None}, encoder_for(items()))
    changes = list(changes_of(first, after))
    assert [change.part for change in changes] == ["item:i4", "item:zz"]
    assert feed(reader, changes) == [True, True]
    assert_same(reader.catalog, after)
    assert before is not None and len(before.items) == len(first.items)


def test_items_that_join_later_bring_their_words(first: Catalog) -> None:
    reader = ArtifactReader()
    feed(reader, list(records_of(first)))
    newcomer = Item("zz", "Samovar", "", "samovar")
    after = extended(first, {"zz": newcomer}, encoder_for(items()))
    assert feed(reader, list(changes_of(first, after))) == [True]
    assert reader.catalog is not None
    known, before = ({*words[0].tolist()} for words in (reader.catalog.all_words(), reader.catalog.words))
    asked = term_keys("samovars")
    assert asked & known and not asked & before


def test_a_compacted_log_with_later_item_changes_is_read_whole(first: Catalog) -> None:
    """Compaction leaves the newest record of each key: changed items then stand after the manifest they were
    counted in."""
    after = extended(first, {"zz": replace(first.items[2], item_id="zz"), "i4": None}, encoder_for(items()))
    log = {artifact_key(record): record for record in records_of(first)}
    for change in changes_of(first, after):
        log.pop(artifact_key(change), None)
        log[artifact_key(change)] = change
    reader = ArtifactReader()
    feed(reader, list(log.values()))
    assert_same(reader.catalog, after)


def test_detector_settings_change_by_publishing_and_for_their_version_only(
    first: Catalog, second: Catalog
) -> None:
    settings = first.detector._replace(threshold=7.5)
    kernel = np.full((64, 64), 1 / 64, np.float32)
    part = DetectorPart(settings, np.full(64, 1 / 64, np.float32), kernel)
    reader = ArtifactReader()
    feed(reader, list(records_of(first)))
    assert feed(reader, [detector_record(2, part)]) == [False]
    assert_same(reader.catalog, first)
    assert feed(reader, [detector_record(1, part)]) == [True]
    assert reader.catalog is not None
    assert reader.catalog.detector == settings
    assert np.array_equal(reader.catalog.kernel, kernel)
    assert np.array_equal(reader.catalog.vectors, first.vectors)
    feed(reader, list(records_of(second)))  # settings that came before their version wait for it
    assert reader.catalog.detector.threshold == 7.5


def test_shared_creatives_come_and_go() -> None:
    shared = SharedCreative(
        "cr_00000000000000aa", "c1", "native", "k07", "t1", "direct.t1", 0.5, 1_800_000_000_000
    )
    record = shared_record("s:k07|c1|native", shared)
    reader = ArtifactReader()
    assert feed(reader, [record]) == [True]
    assert reader.shared == {"s:k07|c1|native": shared}
    assert reader.apply(artifact_key(record), None)
    assert reader.shared == {}
