"""What is announced arrives whole, the newest counts, and nothing else of the artefact takes notice."""

from __future__ import annotations

from models.release import Release
from streams.artifacts.announcements import (
    CURRENT,
    SHADOW,
    Announced,
    announced,
    announcement,
    announcement_output,
)
from streams.artifacts.kinds import artifact_key
from streams.artifacts.reader import ArtifactReader
from streams.records import ArtifactRecord
from streams.topics import ARTIFACT
from streams.wire.codecs import WireLimits, decode

NINE, TEN = Release("acme", "9", "a" * 64), Release("acme", "10", "b" * 64)


def test_an_announcement_survives_the_wire() -> None:
    said = Announced(NINE, 1_795_291_200_000, 0.25)
    output = announcement_output(SHADOW, said, 5)
    assert output.value is not None
    record = decode(ARTIFACT, output.value, output.key, output.headers, 0, WireLimits(max_ahead_ms=1 << 50))
    assert isinstance(record, ArtifactRecord)
    assert announced(record) == said
    assert (output.key, output.partition) == (b"copywriter|0|shadow", 0)


def test_the_newest_of_each_role_counts_and_a_tombstone_withdraws() -> None:
    reader = ArtifactReader()
    for role, said in (
        (CURRENT, Announced(NINE, 1)),
        (SHADOW, Announced(TEN, 2, 0.1)),
        (CURRENT, Announced(TEN, 3)),
    ):
        record = announcement(role, said)
        assert reader.apply(artifact_key(record), record) is False, (
            "profile workers and the catalogue need not look"
        )
    assert reader.copywriters == {CURRENT: Announced(TEN, 3), SHADOW: Announced(TEN, 2, 0.1)}
    reader.apply("copywriter|0|shadow", None)
    assert set(reader.copywriters) == {CURRENT}
    assert reader.keys_before(1 << 30) == [], "a new catalogue version withdraws no copywriter"
    assert reader.catalog is None


def test_a_damaged_announcement_is_named_and_the_one_before_stays() -> None:
    reader = ArtifactReader()
    good = announcement(CURRENT, Announced(NINE, 1))
    reader.apply(artifact_key(good), good)
    for data in ({**good.data, "version": "10"}, {**announcement(CURRENT, Announced(TEN, 2, 0.0)).data}):
        bad = ArtifactRecord(good.kind, 0, CURRENT, data)
        reader.apply(artifact_key(bad), bad)
        assert reader.damaged is not None
        assert "copywriter|0|current" in reader.damaged
        assert reader.copywriters[CURRENT].release == NINE
        reader.damaged = None
