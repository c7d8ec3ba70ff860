"""Words of pictures are read back before they are used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agents.rendering.artist import Artist
from agents.rendering.reading_back import USUAL_SHARE, ReadingBack
from models.scene.picture import DrawnPicture, draw_scene
from models.scene.reasons import MISREAD
from models.scene.recogniser import ReadLine, Recogniser, can_read
from streams.loud_end import RefusedError
from streams.metrics.pictures import PICTURES_READ, RENDERS
from streams.settings import Settings
from tests.agents.rendering.requests import request
from tests.agents.rendering.test_artist import artist
from tests.models.scene.sample_scenes import FONTS, all_scenes

__all__ = ["artist"]
needs_recogniser = pytest.mark.skipif(not can_read(), reason="the extra `ocr` is not installed")


@needs_recogniser
def test_what_was_drawn_is_read() -> None:
    scene = next(all_scenes(1))
    read = Recogniser.installed().lines(draw_scene(scene, FONTS))
    assert {scene.headline.split()[0], scene.cta.split()[0]} <= {each.meant.split()[0] for each in read}
    assert all(each.alike for each in read)


@pytest.mark.parametrize(
    ("meant", "found", "alike"),
    [
        ("Meet the lamp", "Meet the lamp", True),
        ("Illuminate", "lIluminate", True),
        ("239.99 \u20aa", "239.99", True),
        ("Meet the lamp", "Meet the", False),
        ("Meet the lamp", "\u25a1\u25a1\u25a1\u25a1 the lamp", False),
        ("Meet the lamp", "", False),
    ],
    ids=["same", "letters that look alike", "a sign it does not know", "cut", "no glyphs", "nothing"],
)
def test_slips_of_the_recogniser_are_no_faults(meant: str, found: str, alike: bool) -> None:
    assert ReadLine(meant, found).alike is alike


def covered(picture: DrawnPicture) -> DrawnPicture:
    """A bar over the headline."""
    image = picture.image.copy()
    left, top, right, bottom = picture.placed[0].box
    image.paste((40, 40, 40), (int(left), int(top), int(right), int(bottom)))
    return replace(picture, image=image)


@needs_recogniser
def test_a_picture_that_reads_otherwise_is_not_stored(
    artist: Artist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = [RENDERS.labels(MISREAD), PICTURES_READ.labels("otherwise")]
    before = [each._value.get() for each in counted]
    artist.reading = ReadingBack(Recogniser.installed(), 1.0)
    monkeypatch.setattr("agents.rendering.artist.draw_scene", lambda *given: covered(draw_scene(*given)))
    assert artist.assets_of(request()) == []
    assert not list(tmp_path.glob("*.jpg"))
    assert [each._value.get() for each in counted] == [each + 1 for each in before]
    monkeypatch.undo()
    assert artist.assets_of(request()), "as it should be"


def test_only_the_share_is_read_and_always_the_same_pictures(artist: Artist) -> None:
    class Sees:
        def __init__(self) -> None:
            self.read = 0

        def lines(self, _picture: DrawnPicture) -> list[ReadLine]:
            self.read += 1
            return []

    sees, picture = Sees(), draw_scene(next(all_scenes(1)), FONTS)
    reading = ReadingBack(sees, 0.25)  # type: ignore[arg-type]
    names = [f"{n:02x}{0:038x}" for n in range(256)]
    assert not any(reading.is_misread(each, picture) for each in names)
    assert sees.read == 64
    assert not reading.is_misread(names[-1], picture) and sees.read == 64


def test_the_share_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ReadingBack.of(Settings(read_back_share=0.0)) is None
    if can_read():
        usual = ReadingBack.of(Settings())
        assert usual is not None and usual.share == USUAL_SHARE
    monkeypatch.setattr("models.scene.recogniser.can_read", lambda: False)
    assert ReadingBack.of(Settings()) is None
    with pytest.raises(RefusedError, match="needs the package rapidocr"):
        ReadingBack.of(Settings(read_back_share=0.5))
