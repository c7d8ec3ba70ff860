"""Backgrounds of a text-to-image model: made once, named by what they are made of, only where the creative
says that a model had a part in it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from errno import ENOSPC
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from msgspec import structs
from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException
from PIL import Image

from agents.photos.cache import PhotoCache
from agents.rendering.artist import Artist
from agents.rendering.backgrounds import Backgrounds
from agents.rendering.files.folder import FolderStore
from agents.rendering.marking import Marker
from agents.rendering.scenes import scene_of
from models.diffusion.image_model import ImageModel, ImageWish
from models.diffusion.prompt import background_wish, hue_name
from models.scene.colours import lch_of
from models.scene.photo import whole_photo
from models.scene.picture import draw_scene
from streams import records as r
from streams.loud_end import RefusedError
from streams.settings import Settings
from tests.agents.rendering.requests import request
from tests.models.scene.sample_scenes import FONTS

BY_MODEL = r.Provenance("composite_with_trained_algorithmic_media", ai_tool=r.AiTool("copy-lm"))
MAGENTA = (200, 20, 180)
STEPS = 4


def undrawn(n: int, slot: str = "banner_300x250", **fields: Any) -> r.RenderRequest:
    """A request for a thing that no drawing shows."""
    look = r.Look(["#0b57d0"], ["meal", "food.evening"], "$89.99", title="Three Course Meal")
    fields = {"copy": r.CopyText("Spotlight: the meal", "Gift wrapped.", "Take a look")} | fields
    return structs.replace(request(n, slot, provenance=BY_MODEL, **fields), look=look)


class Painter:
    """Paints one colour and remembers what it was asked for."""

    name, spec = "m1", SimpleNamespace(side=64)

    def __init__(self) -> None:
        self.asked: list[tuple[ImageWish, int]] = []
        self.fault: Exception | None = None

    def drawn(self, wish: ImageWish, seed: int, heard: Callable[[Any], None]) -> Any:
        self.asked.append((wish, seed))
        for _ in range(STEPS):
            heard(None)
        if self.fault is not None:
            raise self.fault
        return np.full((wish.height, wish.width, 3), MAGENTA, np.uint8)


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def artist(tmp_path: Path, painter: Painter) -> Artist:
    store, photos = FolderStore(tmp_path), PhotoCache(tmp_path / "photos")
    store.make()
    photos.make()
    backgrounds = Backgrounds(cast(ImageModel, painter), photos)
    return Artist(store, FONTS, "https://cdn.example/", Marker(), photos, backgrounds)


def shown(artist: Artist, tmp_path: Path, asked: r.RenderRequest) -> Any:
    name = artist.assets_of(asked)[0].url.rpartition("/")[2]
    with Image.open(BytesIO((tmp_path / name).read_bytes())) as picture:
        return np.asarray(picture.convert("RGB"), np.int16)


def share_of(pixels: Any) -> float:
    return float((np.abs(pixels - MAGENTA).max(axis=2) < 12).mean())


def test_it_stands_where_the_thing_would_and_is_made_once(
    artist: Artist, painter: Painter, tmp_path: Path
) -> None:
    assert share_of(shown(artist, tmp_path, undrawn(1))) > 0.2
    other = undrawn(2, "social_1x1")
    assert share_of(shown(artist, tmp_path, other)) > 0.2
    [(wish, _)] = painter.asked
    assert "meal" in wish.prompt and "food evening" in wish.prompt and "blue tones" in wish.prompt
    assert "text" in wish.unwanted and (wish.width, wish.height) == (64, 64)


def test_each_step_of_a_background_is_told_of(artist: Artist) -> None:
    steps: list[int] = []
    assert isinstance(artist.backgrounds, Backgrounds)
    artist.backgrounds = replace(artist.backgrounds, worked=lambda: steps.append(1))
    artist.assets_of(undrawn(1))
    assert len(steps) == STEPS


def test_the_first_picture_shows_what_all_others_show(
    artist: Artist, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    noisy = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    monkeypatch.setattr(painter, "drawn", lambda *_: noisy)
    assert isinstance(artist.backgrounds, Backgrounds)
    asked = undrawn(1)
    scene = artist.backgrounds.planned(scene_of(asked), asked.creative, "")
    first, second = (np.asarray(artist.backgrounds.photo(scene, "").image) for _ in range(2))
    assert (first == second).all() and (first != noisy).any()


def test_a_model_that_fails_leaves_pictures_without_and_is_told_once(
    artist: Artist, painter: Painter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    painter.fault = RuntimeException("CUDA out of memory")
    for asked in (undrawn(1), undrawn(2, "social_1x1")):
        assert share_of(shown(artist, tmp_path, asked)) == 0
    [line] = [each.getMessage() for each in caplog.records]
    assert "no background for meal" in line and "CUDA out of memory" in line
    painter.fault = None
    again = undrawn(1)
    assert share_of(shown(artist, tmp_path, again)) > 0.2, "the picture without it has another name"


def test_a_full_disk_is_told_as_that(
    artist: Artist, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(PhotoCache, "keep", full)
    assert share_of(shown(artist, tmp_path, undrawn(1))) == 0
    assert "No space left on device" in caplog.text and "is gone" not in caplog.text


def test_a_damaged_one_is_made_again(artist: Artist, painter: Painter, tmp_path: Path) -> None:
    shown(artist, tmp_path, undrawn(1))
    [kept] = (tmp_path / "photos").glob("*.webp")
    kept.write_bytes(b"")
    other = undrawn(2, "social_1x1")
    assert share_of(shown(artist, tmp_path, other)) > 0.2 and len(painter.asked) == 2


@pytest.mark.parametrize(
    "asked",
    [
        structs.replace(undrawn(1), creative=request(1, provenance=r.Provenance("human_edits")).creative),
        undrawn(1, "native"),
        structs.replace(undrawn(1), look=r.Look(["#0b57d0"], [], "$89.99")),
        request(1, provenance=BY_MODEL),
    ],
    ids=["a person's", "wordless", "nothing to name", "drawn"],
)
def test_otherwise_none_is_made(
    artist: Artist, painter: Painter, tmp_path: Path, asked: r.RenderRequest
) -> None:
    assert share_of(shown(artist, tmp_path, asked)) == 0 and not painter.asked


def test_a_photo_goes_before(artist: Artist, painter: Painter) -> None:
    made = undrawn(1)
    asked = structs.replace(made, look=structs.replace(made.look, photo="https://img.example/1.jpg"))
    artist.assets_of(asked, {"https://img.example/1.jpg": "0" * 40})
    assert not painter.asked


def test_it_shows_no_thing_so_the_title_names_it() -> None:
    scene = scene_of(undrawn(1))
    mood = whole_photo(Image.new("RGB", (64, 64), MAGENTA))
    picture = draw_scene(replace(scene, background="b" * 40), FONTS, {"b" * 40: mood})
    said = {each.element: " ".join(line.text for line in each.lines) for each in picture.placed}
    assert said["headline"] == "Three Course Meal" and share_of(np.asarray(picture.image, np.int16)) > 0.2


def test_without_a_model_nothing_is_loaded_and_a_bad_one_is_refused_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = PhotoCache(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert Backgrounds.of(Settings(), cache, print) is None
    with pytest.raises(RefusedError, match=r"SHIFTCAST_IMAGE_MODEL_DIR: .*manifest\.json: No such file"):
        Backgrounds.of(Settings(image_model_dir=tmp_path), cache, print)


def test_colours_have_names_in_prompts() -> None:
    assert [hue_name(*lch_of(each)) for each in ((200, 30, 30), (11, 87, 208), (30, 120, 60))] == [
        "red",
        "blue",
        "green",
    ]
    assert hue_name(*lch_of((40, 40, 40))) == "dark grey"
    assert "tones" not in background_wish("lamp", "", None, 64).prompt
