"""What a classifier would not show waits for a person."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import onnx
import pytest
from msgspec import structs
from onnx import TensorProto, helper
from PIL import Image

from agents.creatives.reference import GeneratorReference
from agents.rendering.artist import Artist
from agents.rendering.judging import PictureJudge, picture_id
from models.revocations import MadeOf
from models.scene.photo import Photo, read_photo
from models.scene.reasons import HELD
from models.scene.scene import Scene
from streams import records as r
from streams.loud_end import RefusedError
from streams.metrics.pictures import RENDERS
from streams.settings import Settings
from streams.topics import RENDER_REQUEST, REVIEW, REVOCATION
from streams.wire.codecs import encode
from streams.wire.dead_letters import DeadLetter
from streams.wire.topic_codec import creative_key
from tests.agents.overview.test_overview import Arrived
from tests.agents.rendering.requests import LOOK, NOW_MS, request
from tests.agents.rendering.test_artist import artist

__all__ = ["artist"]
APPROVED, DENIED = 3, 4
RED, GREEN = (220, 20, 20), (20, 200, 40)
PHOTO = "https://img.example/lamp.png"


def classifier(folder: Path, labels: tuple[str, str] = ("normal", "nsfw")) -> Settings:
    """Finds red pictures to be of the second class, green ones of the first."""
    folder.mkdir(exist_ok=True)
    weights = helper.make_tensor("weights", TensorProto.FLOAT, (3, 2), [0, 9, 9, 0, 0, 0])
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["pixel_values"], ["means"]),
            helper.make_node("Flatten", ["means"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, (1, 3, 8, 8))],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, (1, 2))],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    (folder / "preprocessor_config.json").write_text(json.dumps({"size": {"height": 8, "width": 8}}))
    (folder / "config.json").write_text(json.dumps({"id2label": dict(enumerate(labels))}))
    return Settings(picture_classifier_dir=folder)


@pytest.fixture
def judge(tmp_path: Path) -> PictureJudge:
    made = PictureJudge.of(classifier(tmp_path / "classifier"))
    assert made is not None
    return made


def data_of(colour: tuple[int, int, int]) -> bytes:
    data = BytesIO()
    Image.new("RGB", (600, 600), colour).save(data, "PNG")
    return data.getvalue()


def photo(artist: Artist, colour: tuple[int, int, int]) -> str:
    data = data_of(colour)
    return artist.photos.put(PHOTO, data, read_photo(data), NOW_MS / 1_000)


def asked() -> r.RenderRequest:
    return structs.replace(request(1), look=structs.replace(LOOK, photo=PHOTO))


def test_a_photo_waits_until_a_person_approves_it(
    artist: Artist, judge: PictureJudge, tmp_path: Path
) -> None:
    artist.judge, name = judge, photo(artist, RED)
    wanted, counted = asked(), RENDERS.labels(HELD)._value.get
    before = counted()
    key = creative_key(wanted.creative).encode()
    artist.refusals.came(Arrived(RENDER_REQUEST.name, encode(wanted), key))
    assert artist.assets_of(wanted, {PHOTO: name}) == []
    assert counted() == before + 1 and not list(tmp_path.glob("*.jpg"))
    [letter] = artist.refusals.letters("renderer")
    told = DeadLetter.of(Arrived(letter.topic, letter.value, letter.key, headers=letter.headers))
    assert told.reason == HELD and picture_id(name) in told.message, "whoever decides reads the id"
    judge.review(picture_id(name), r.Review(picture_id(name), APPROVED))
    assert artist.assets_of(wanted, {PHOTO: name})


def test_a_persons_word_counts_also_for_what_is_stored(artist: Artist, judge: PictureJudge) -> None:
    artist.judge, name = judge, photo(artist, GREEN)
    drawn = artist.assets_of(asked(), {PHOTO: name})
    assert drawn, "the classifier has nothing against it"
    judge.review(picture_id(name), r.Review(picture_id(name), DENIED))
    assert artist.assets_of(asked(), {PHOTO: name}) == []
    judge.review(picture_id(name), None)
    assert artist.assets_of(asked(), {PHOTO: name}) == drawn


class Paints:
    """A model that makes backgrounds."""

    def planned(self, scene: Scene, *_: object) -> Scene:
        return replace(scene, background="b" * 40)

    def photo(self, *_: object) -> Photo:
        return read_photo(data_of(RED))


def test_a_background_that_a_model_makes_is_looked_at(artist: Artist, judge: PictureJudge) -> None:
    artist.backgrounds = Paints()  # type: ignore[assignment]
    artist.judge = replace(judge, most_share=0.0)
    assert artist.assets_of(request(1)) == []
    artist.judge.review(picture_id("b" * 40), r.Review("", APPROVED))
    assert artist.assets_of(request(1))


def test_each_is_looked_at_once(judge: PictureJudge) -> None:
    red, green = Image.new("RGB", (64, 64), RED), Image.new("RGB", (64, 64), GREEN)
    assert judge.holds("a", lambda: red) and not judge.holds("b", lambda: green)
    assert judge.holds("a", lambda: green), "its name says what it shows"
    assert judge.classifier is not None
    assert judge.classifier.share(red) > 0.9 > 0.1 > judge.classifier.share(green)


@pytest.mark.parametrize("broken", ["missing", "classes"])
def test_a_classifier_that_cannot_be_used_is_told_at_the_start(broken: str, tmp_path: Path) -> None:
    settings = classifier(tmp_path / "c", ("cat", "dog"))
    if broken == "missing":
        (tmp_path / "c" / "config.json").unlink()
    with pytest.raises(RefusedError, match="SHIFTCAST_PICTURE_CLASSIFIER_DIR"):
        PictureJudge.of(settings)


def test_without_a_classifier_a_persons_word_is_all_there_is(artist: Artist) -> None:
    artist.judge, name = PictureJudge.of(Settings()), photo(artist, RED)
    drawn = artist.assets_of(asked(), {PHOTO: name})
    assert drawn and all(each.shown == [picture_id(name)] for each in drawn)
    artist.judge.review(picture_id(name), r.Review(picture_id(name), DENIED))
    assert artist.assets_of(asked(), {PHOTO: name}) == []


@pytest.mark.parametrize("word", [None, APPROVED])
def test_a_revoked_photo_is_not_drawn_whatever_was_said_of_it(
    artist: Artist, judge: PictureJudge, word: int | None
) -> None:
    artist.judge, name = judge, photo(artist, GREEN)
    id = picture_id(name)
    if word is not None:
        judge.on_record(REVIEW, id, r.Review(id, word))
    assert artist.assets_of(asked(), {PHOTO: name})
    judge.on_record(REVOCATION, f"picture|{id}", r.Revocation("picture", id, "by_hand", 1, lasting=True))
    assert artist.assets_of(asked(), {PHOTO: name}) == []
    judge.on_record(REVOCATION, f"picture|{id}", r.Revocation("picture", id, "resumed", 2))
    assert artist.assets_of(asked(), {PHOTO: name})


def test_a_ground_that_was_painted_before_its_denial_is_not_shown_again(artist: Artist) -> None:
    artist.backgrounds, ground = Paints(), picture_id("b" * 40)  # type: ignore[assignment]
    assert {each for asset in artist.assets_of(request(1)) for each in asset.shown} == {ground}
    artist.judge.review(ground, r.Review(ground, DENIED))
    assert artist.assets_of(request(2)) == []


def test_generators_know_what_persons_said_of_a_picture() -> None:
    reference, key = GeneratorReference(), picture_id("a" * 40)
    shows = MadeOf("c1", "i1", "t1", "cr_1", 1, pictures=(key,))
    reference.on_record(REVIEW, key, r.Review(key, DENIED), (), 1)
    assert reference.picture_status(key) == DENIED and reference.is_refused(shows)
    reference.on_record(REVIEW, key, None, (), 2)
    assert reference.picture_status(key) is None and not reference.is_refused(shows)
    reference.on_record(REVIEW, key, r.Review(key, APPROVED), (), 3)
    reference.on_record(
        REVOCATION, f"picture|{key}", r.Revocation("picture", key, "x", 3, lasting=True), (), 4
    )
    assert reference.picture_status(key) == DENIED and reference.is_refused(shows)
    reference.on_record(REVOCATION, f"picture|{key}", r.Revocation("picture", key, "resumed", 5), (), 5)
    assert reference.picture_status(key) == APPROVED
