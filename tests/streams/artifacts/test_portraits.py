"""Portraits as a record: they survive the wire, belong to one catalogue version, and damage is noticed."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from models.portrait.portrait import Portraits, portraits_of
from streams.artifacts.catalog_version import records_of
from streams.artifacts.kinds import DamagedError, _sum, artifact_key
from streams.artifacts.portraits import portraits_part, portraits_record
from streams.artifacts.reader import ArtifactReader
from streams.records import ArtifactRecord
from tests.models.portrait.people import CODE_NAMES, people, planted
from tests.models.small_catalogue import catalogue
from tests.streams.artifacts.test_artifacts import feed, over_the_wire

SIZES = (60, 40)


def portraits() -> Portraits:
    return portraits_of(people(SIZES), planted(SIZES), 20, CODE_NAMES)


def test_portraits_survive_the_wire() -> None:
    made = portraits()
    found = portraits_part(over_the_wire(portraits_record(3, made)))
    for name in ("users", "least", "hidden", "currency", "code_names", "usual_countries"):
        assert getattr(found, name) == getattr(made, name)
    for got, sent in zip(found.groups, made.groups, strict=True):
        assert (got.name, got.users, got.countries, got.traits) == (
            sent.name, sent.users, sent.countries, sent.traits,
        )  # fmt: skip
        for name in ("vector", "interests", "hours", "devices"):
            assert np.array_equal(getattr(got, name), getattr(sent, name))


def sizes(reader: ArtifactReader) -> list[int]:
    return [] if reader.portraits is None else [each.users for each in reader.portraits.groups]


def test_they_are_those_of_the_current_version_and_go_with_it() -> None:
    reader, first = ArtifactReader(), catalogue()
    feed(reader, list(records_of(first)))
    assert sizes(reader) == []
    assert feed(reader, [portraits_record(1, portraits())]) == [True]
    assert sizes(reader) == [60, 40]
    assert feed(reader, [portraits_record(2, portraits())]) == [False]  # of a version that is not there yet
    feed(reader, list(records_of(catalogue(previous=first))))
    assert sizes(reader) == [60, 40]
    assert artifact_key(portraits_record(1, portraits())) in reader.keys_before(2)
    assert reader.apply("portraits|2|groups", None) and sizes(reader) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("users", 0), ("hours", "AAAA"), ("interests", ""), ("traits", {}), ("vector", None)],
)
def test_damage_is_told_and_not_taken(name: str, value: object) -> None:
    record = portraits_record(1, portraits())
    groups = [{**record.data["groups"][0], name: value}, *record.data["groups"][1:]]
    data = {key: each for key, each in record.data.items() if key != "sha256"} | {"groups": groups}
    broken = ArtifactRecord(record.kind, record.version, record.part, {**data, "sha256": _sum(data)})
    with pytest.raises(DamagedError, match=r"portraits\|1\|groups"):
        portraits_part(broken)
    with pytest.raises(DamagedError, match="sum"):
        portraits_part(msgspec.structs.replace(broken, data={**data, "sha256": "0"}))
