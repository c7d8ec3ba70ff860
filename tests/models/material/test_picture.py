"""What is seen of a picture."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models.material.hashes import ALIKE_BITS, bits_apart, difference_hash, firsts_alike
from models.material.picture import PictureFeatures, picture_features_of
from models.material.vectors import picture_vector
from models.scene.photo import read_photo


def _drawn(colour: str, shape: str = "box", size: tuple[int, int] = (320, 240)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    width, height = size
    box = (width // 4, height // 4, width * 3 // 4, height * 3 // 4)
    draw = ImageDraw.Draw(image)
    draw.ellipse(box, colour) if shape == "disc" else draw.rectangle(box, colour)
    return image


def _seen(image: Image.Image, kind: str = "PNG") -> PictureFeatures:
    out = BytesIO()
    image.save(out, kind)
    return picture_features_of(read_photo(out.getvalue()))


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#cc1f24", "red"),
        ("#1b2450", "navy"),
        ("#2c9142", "green"),
        ("#18181a", "black"),
        ("#f2a3b5", "pink"),
    ],
)
def test_colours_of_the_thing_are_named_not_those_of_its_ground(colour: str, name: str) -> None:
    seen = _seen(_drawn(colour))
    assert seen.palette[0].name == name
    assert seen.palette[0].share > 0.9
    assert "white" not in {each.name for each in seen.palette}


def test_size_aspect_and_fill_are_those_of_the_picture() -> None:
    seen = _seen(_drawn("#cc1f24"))
    assert (seen.width, seen.height, seen.aspect) == (320, 240, 1.3333)
    assert 0.2 < seen.fill < 0.3


def test_grain_has_more_texture_than_an_even_thing() -> None:
    grain = Image.fromarray(np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8))
    assert _seen(grain).texture_energy > 3 * _seen(_drawn("#cc1f24")).texture_energy


def test_equal_pictures_have_equal_unit_vectors() -> None:
    one, other = (picture_vector(_seen(_drawn("#cc1f24"))) for _ in range(2))
    assert np.array_equal(one, other)
    assert abs(float(np.linalg.norm(one)) - 1) < 1e-5


def test_what_looks_alike_lies_near() -> None:
    red, dark_red, blue = (picture_vector(_seen(_drawn(each))) for each in ("#cc1f24", "#c0191c", "#2458c8"))
    assert red @ dark_red > red @ blue
    disc, box = (picture_vector(_seen(_drawn("#cc1f24", each)), ("shape",)) for each in ("disc", "box"))
    assert disc @ box < 0.99


def _landscape(seed: int) -> Image.Image:
    rough = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return Image.fromarray(rough).resize((640, 480), Image.Resampling.BICUBIC)


def test_another_file_of_a_picture_has_nearly_its_hash() -> None:
    image = _landscape(3)
    out = BytesIO()
    image.resize((320, 240)).save(out, "JPEG", quality=40)
    again = Image.open(BytesIO(out.getvalue()))
    assert bits_apart(difference_hash(image), difference_hash(again)) <= ALIKE_BITS
    assert bits_apart(difference_hash(image), difference_hash(_landscape(4))) > 3 * ALIKE_BITS


def test_near_duplicates_name_the_first() -> None:
    assert firsts_alike(["00" * 8, "ff" * 8, "00" * 7 + "03", "ff" * 8]) == [None, None, 0, 1]
