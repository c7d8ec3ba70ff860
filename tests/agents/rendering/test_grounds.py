"""Grounds of a background model: behind words that stand alone, painted for just those, and the painter's own
where the model fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from msgspec import structs
from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException
from PIL import Image

from agents.photos.cache import PhotoCache
from agents.rendering.artist import Artist
from agents.rendering.files.folder import FolderStore
from agents.rendering.grounds import Grounds, backgrounds_of
from agents.rendering.marking import Marker
from agents.rendering.scenes import scene_of
from models.background.background_model import BackgroundModel
from models.scene.palette import LEAST_CONTRAST
from models.scene.picture import draw_scene
from streams import records as r
from streams.loud_end import RefusedError
from streams.settings import Settings
from tests.agents.rendering.requests import request
from tests.agents.rendering.test_backgrounds import BY_MODEL, MAGENTA, share_of, shown, undrawn
from tests.models.scene.sample_scenes import FONTS


class Painter:
    """Paints one colour and remembers what it was told."""

    name = "m1"

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.fault: Exception | None = None

    def painted(self, size: tuple[int, int], *told: Any) -> Image.Image:
        self.told.append((size, *told))
        if self.fault is not None:
            raise self.fault
        return Image.new("RGB", size, MAGENTA)


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def artist(tmp_path: Path, painter: Painter) -> Artist:
    store, photos = FolderStore(tmp_path), PhotoCache(tmp_path / "photos")
    store.make()
    photos.make()
    grounds = Grounds(cast(BackgroundModel, painter))
    return Artist(store, FONTS, "https://cdn.example/", Marker(), photos, grounds)


def test_it_paints_all_behind_words_and_is_told_where_they_stand(
    artist: Artist, painter: Painter, tmp_path: Path
) -> None:
    asked = undrawn(1)
    assert share_of(shown(artist, tmp_path, asked)) > 0.5
    [(size, palette, deep, boxes, mood, seed)] = painter.told
    picture = draw_scene(scene_of(asked), FONTS)
    assert size == (300, 250) and boxes == [each.box for each in picture.placed]
    assert deep == (picture.variant == "type") and palette.button
    assert mood == "window" and seed == scene_of(asked).seed


def test_a_layout_of_words_alone_may_be_asked_for_beside_a_drawing(
    artist: Artist, painter: Painter, tmp_path: Path
) -> None:
    asked = request(1, provenance=BY_MODEL)
    wordy = structs.replace(asked, look=structs.replace(asked.look, layout="page"))
    assert share_of(shown(artist, tmp_path, wordy)) > 0.5
    [(_, _, deep, _, _, _)] = painter.told
    assert not deep


def test_what_is_bought_for_its_looks_is_not_shown_by_a_ground(artist: Artist, painter: Painter) -> None:
    made = undrawn(1)
    gizmo = structs.replace(made, look=structs.replace(made.look, subject=["gizmo", "decor"], title="Gizmo"))
    assert artist.assets_of(gizmo) == [] and not painter.told


def test_words_can_be_read_on_whatever_it_paints(painter: Painter) -> None:
    def paint(size: tuple[int, int], *_: Any) -> Image.Image:
        noise = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
        return Image.fromarray(noise)

    for variant in ("type", "page"):
        picture = draw_scene(replace(scene_of(undrawn(1)), variant=variant), FONTS, {}, paint)
        assert picture.least_contrast is not None and picture.least_contrast >= LEAST_CONTRAST


def test_one_that_fails_leaves_pictures_as_they_were_and_is_told_once(
    artist: Artist, painter: Painter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    painter.fault = RuntimeException("out of memory")
    for asked in (undrawn(1), undrawn(2, "social_1x1")):
        assert share_of(shown(artist, tmp_path, asked)) == 0
    [line] = [each.getMessage() for each in caplog.records]
    assert "no background for meal" in line and "out of memory" in line
    painter.fault = None
    again = undrawn(1)
    assert share_of(shown(artist, tmp_path, again)) > 0.5, "the picture without it has another name"


@pytest.mark.parametrize(
    "asked",
    [
        structs.replace(undrawn(1), creative=request(1, provenance=r.Provenance("human_edits")).creative),
        undrawn(1, "native"),
        request(1, provenance=BY_MODEL),
    ],
    ids=["a person's", "wordless", "drawn"],
)
def test_otherwise_none_is_painted(
    artist: Artist, painter: Painter, tmp_path: Path, asked: r.RenderRequest
) -> None:
    assert share_of(shown(artist, tmp_path, asked)) == 0 and not painter.told


def test_the_setting_names_either_kind_and_a_bad_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    cache = PhotoCache(tmp_path)
    assert backgrounds_of(Settings(), cache, lambda: None) is None
    (tmp_path / "manifest.json").write_text('{"kind": "background"}')
    with pytest.raises(RefusedError, match=r"IMAGE_MODEL_DIR: .*no manifest of a background model"):
        backgrounds_of(Settings(image_model_dir=tmp_path), cache, lambda: None)
    (tmp_path / "manifest.json").write_text('{"kind": "background", "name":')
    (tmp_path / "maps.onnx").write_bytes(b"")
    with pytest.raises(RefusedError, match=r"no manifest of a background model .*train-background"):
        backgrounds_of(Settings(image_model_dir=tmp_path), cache, lambda: None)
    (tmp_path / "maps.onnx").unlink()
    (tmp_path / "manifest.json").write_text('{"kind": "image"}')
    with pytest.raises(RefusedError, match=r"IMAGE_MODEL_DIR: .*no manifest of a text-to-image model"):
        backgrounds_of(Settings(image_model_dir=tmp_path), cache, lambda: None)
