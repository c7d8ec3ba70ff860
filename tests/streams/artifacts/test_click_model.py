"""A version of the click model on its way over the topic: whole or not at all."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from models.click.features import Foreseen
from models.click.learner import Learning
from models.click.model import ClickLearner, ClickModel
from streams.artifacts.click_model import ClickModelReader, click_model_records
from streams.artifacts.kinds import artifact_key
from streams.artifacts.reader import ArtifactReader
from streams.records import ArtifactRecord
from streams.topics import ARTIFACT
from streams.wire.codecs import encode


def model(version: int, spread: int = 40) -> ClickModel:
    """A model that has learnt some showings; with `spread` in the tens of thousands it fills chunks."""
    learner = ClickLearner.fresh(Learning())
    rng = np.random.default_rng(version)
    clicked = rng.random(3_000) < 0.3
    showings = [
        Foreseen(campaign_id=f"c{rng.integers(spread)}", item_id=f"i{rng.integers(spread)}", slot="native")
        for _ in clicked
    ]
    learner.learn(showings, clicked, clicked & (rng.random(3_000) < 0.2))
    return ClickModel(
        version, learner.learning, learner.click.weights, learner.conversion.weights, learner.exposures,
        learner.clicks, learner.click.recent.quality(), learner.conversion.recent.quality(),
    )  # fmt: skip


def records(made: ClickModel) -> list[ArtifactRecord]:
    """As another process reads them."""
    sent = click_model_records(made, 1_000, {0: 17, 3: 5})
    return [msgspec.json.decode(encode(record), type=ArtifactRecord) for record in sent]


def taken(reader: ClickModelReader, some: list[ArtifactRecord]) -> list[bool]:
    return [reader.apply(artifact_key(record), record) for record in some]


def test_a_version_comes_back_as_it_was_and_only_when_it_is_whole() -> None:
    made, reader = model(1, spread=100_000), ClickModelReader()
    sent = records(made)
    assert len(sent) > 2 or all(len(encode(each)) < 512 * 1024 for each in sent)
    assert taken(reader, sent) == [*[False] * (len(sent) - 1), True]
    assert reader.current is not None
    back, manifest = reader.current
    for one, other in ((made.click, back.click), (made.conversion, back.conversion)):
        np.testing.assert_array_equal(one.z, other.z)
        np.testing.assert_array_equal(one.n, other.n)
    assert (back.learning, back.exposures, back.clicks) == (made.learning, made.exposures, made.clicks)
    assert back.click_quality == made.click_quality
    assert manifest.positions == {0: 17, 3: 5} and manifest.made_ms == 1_000


def test_every_record_fits_the_topic() -> None:
    assert all(len(encode(each)) <= ARTIFACT.value_bytes for each in records(model(1, spread=1_000_000)))
    assert all(len(encode(each)) <= 513 * 1024 for each in records(model(1, spread=1_000_000)))


def test_a_later_version_takes_over_and_the_earlier_keys_may_go() -> None:
    reader = ClickModelReader()
    first, second = records(model(1)), records(model(2))
    taken(reader, first)
    taken(reader, second[:-1])
    assert reader.current is not None and reader.current.model.version == 1
    taken(reader, second[-1:])
    assert reader.current.model.version == 2 and reader.newest() == 2
    assert reader.keys_before(2) == sorted(artifact_key(each) for each in first)
    for key in reader.keys_before(2):
        reader.apply(key, None)
    assert reader.keys_before(2) == [] and reader.current.model.version == 2
    assert taken(reader, first) == [False] * len(first), "an older version never comes back"


def test_a_damaged_version_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    reader = ClickModelReader()
    taken(reader, records(model(1)))
    broken = records(model(2))
    broken[0] = replace_data(broken[0], bytes="AAAA")
    taken(reader, broken)
    assert reader.current is not None and reader.current.model.version == 1
    assert "click_model|2" in caplog.text and "stays" in caplog.text
    assert any(taken(reader, records(model(3))))


def replace_data(record: ArtifactRecord, **data: str) -> ArtifactRecord:
    return msgspec.structs.replace(record, data={**record.data, **data})


def test_weights_that_are_no_numbers_are_damage() -> None:
    made, reader = model(1), ClickModelReader()
    made.click.z[5] = np.nan
    assert not any(taken(reader, records(made)))


def test_weights_of_another_width_are_refused() -> None:
    made, reader = model(1), ClickModelReader()
    narrow = replace(
        made,
        click=type(made.click)(made.click.z[:1024], made.click.n[:1024]),
        conversion=type(made.click)(made.conversion.z[:1024], made.conversion.n[:1024]),
    )
    assert not any(taken(reader, records(narrow)))


def test_who_follows_the_catalogue_passes_it_over() -> None:
    reader = ArtifactReader()
    for record in records(model(1)):
        assert not reader.apply(artifact_key(record), record)
    assert reader.damaged is None and reader.keys_before(99) == []
