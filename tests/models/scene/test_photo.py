"""Pictures from outside: packshots stand whole on their own ground, others fill their place; damaged and
oversized ones are refused; words on them can be read."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models.scene.checking import picture_faults
from models.scene.layouts import layouts
from models.scene.palette import LEAST_CONTRAST
from models.scene.photo import LEAST_SIDE, Photo, PhotoError, aspect_of, lay, read_photo
from models.scene.picture import draw_scene
from models.scene.scene import Scene
from tests.models.scene.sample_scenes import FONTS

LAMP = Scene(
    "banner_300x250", "en", "Get the lamp for $89.99", "The front hall and homely touches: the lamp.",
    "Take a look", "Hearthside", "$89.99", "AI-generated", "lamp", seed=5, photo="lamp", logo="logo",
)  # fmt: skip


def encoded(image: Image.Image, form: str = "PNG") -> bytes:
    made = BytesIO()
    image.save(made, form)
    return made.getvalue()


def png_header(width: int, height: int, depth: int, colour: int) -> bytes:
    """What a PNG says of itself before its pixels, which here do not come."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")


def packshot(mode: str = "RGB", ground: tuple[int, ...] = (255, 255, 255)) -> Image.Image:
    image = Image.new(mode, (600, 400), ground)
    ImageDraw.Draw(image).rectangle((200, 100, 299, 299), fill=(180, 30, 30, 255)[: len(mode)])
    return image


def noise(seed: int = 0) -> Image.Image:
    """A photo with every grey side by side: nothing can be read on it."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (700, 900, 3), np.uint8), "RGB")


def test_a_packshot_stands_whole_on_its_own_ground() -> None:
    photo = read_photo(encoded(packshot(ground=(240, 240, 250))))
    assert (photo.ground, photo.thing) == ((240, 240, 250), (200, 100, 300, 300))
    canvas = Image.new("RGB", (300, 250))
    lay(canvas, photo, (100, 50, 100, 60))
    pixels = np.asarray(canvas)
    assert (pixels[50:110, 100] == (240, 240, 250)).all(), "its ground fills the place"
    assert not pixels[:50].any() and not pixels[110:].any(), "and nothing else"
    red = (pixels == (180, 30, 30)).all(axis=2)
    down, across = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    assert 40 <= down[-1] - down[0] + 1 <= 48 and abs((across[0] + across[-1]) / 2 - 149.5) <= 1


def test_what_can_be_seen_through_stands_on_what_it_stands_out_from() -> None:
    dark = read_photo(encoded(packshot("RGBA", (0, 0, 0, 0))))
    assert dark.ground == (255, 255, 255)
    white = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    ImageDraw.Draw(white).ellipse((50, 20, 150, 80), fill=(250, 250, 250, 255))
    ground = read_photo(encoded(white)).ground
    assert ground is not None and max(ground) < 60


def test_any_other_photo_fills_its_place() -> None:
    photo = read_photo(encoded(noise(), "WEBP"))
    assert photo.ground is None
    canvas = Image.new("RGB", (300, 250))
    lay(canvas, photo, (0, 0, 300, 100))
    assert np.asarray(canvas)[:100].std() > 10 and not np.asarray(canvas)[100:].any()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no JPEG, PNG, WEBP"),
        (b"GIF89a" + bytes(90), "no JPEG, PNG, WEBP"),
        (encoded(packshot(), "JPEG")[:900], "no JPEG, PNG, WEBP"),
        (encoded(Image.new("RGB", (LEAST_SIDE - 1, 400))), "the shorter side"),
        (encoded(Image.new("1", (9_000, 5_000))), "45,?000,?000|9000x5000"),
        (png_header(6_300, 6_300, depth=16, colour=6), "317,520,000 bytes when unpacked"),
        (encoded(Image.new("1", (9_000, 250))), "the shorter side"),
        (encoded(packshot(), "TIFF"), "no JPEG, PNG, WEBP"),
    ],
)
def test_what_is_no_picture_to_show_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(PhotoError, match=why):
        read_photo(data)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1"])
def test_what_is_kept_is_no_larger_than_any_slot_shows(mode: str) -> None:
    image = packshot().resize((3_000, 2_000)).convert(mode)
    image.info["exif"] = b""
    seen = read_photo(encoded(image)).image
    assert (seen.mode, seen.size) == ("RGB", (2_000, 1_333))


def test_a_photo_taken_sideways_stands_upright() -> None:
    image = Image.new("RGB", (400, 200), (200, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6
    made = BytesIO()
    image.save(made, "JPEG", exif=exif)
    assert read_photo(made.getvalue()).image.size == (200, 400)


@pytest.mark.parametrize("slot", layouts())
def test_words_on_a_photo_can_be_read_in_every_slot_and_variant(slot: str) -> None:
    photos = {"lamp": read_photo(encoded(noise())), "logo": read_photo(encoded(packshot()))}
    for variant in layouts()[slot].variant:
        picture = draw_scene(replace(LAMP, slot=slot, variant=variant.name), FONTS, photos)
        assert picture_faults(slot, picture) == []
        assert picture.least_contrast is None or picture.least_contrast >= LEAST_CONTRAST


def test_a_photo_that_is_not_had_is_drawn_as_an_icon() -> None:
    bare = replace(LAMP, photo="", logo="")
    assert (np.asarray(draw_scene(LAMP, FONTS).image) == np.asarray(draw_scene(bare, FONTS).image)).all()
    photos: dict[str, Photo] = {"lamp": read_photo(encoded(packshot()))}
    assert (
        np.asarray(draw_scene(LAMP, FONTS, photos).image) != np.asarray(draw_scene(bare, FONTS).image)
    ).any()


def test_a_logo_stands_where_the_mark_is_and_a_wide_one_gets_room() -> None:
    wide = Image.new("RGB", (900, 200), (255, 255, 255))
    ImageDraw.Draw(wide).rectangle((20, 20, 879, 179), fill=(0, 120, 60))
    photos = {"logo": read_photo(encoded(wide))}
    assert aspect_of(photos["logo"]) == 4.0 and aspect_of(None) == 1.0
    scene = replace(LAMP, slot="landscape_1200x628", photo="", variant="")
    with_logo, without = draw_scene(scene, FONTS, photos), draw_scene(replace(scene, logo=""), FONTS)
    green = (np.abs(np.asarray(with_logo.image).astype(int) - (0, 120, 60)) < 8).all(axis=2)
    assert green.sum() > 300
    starts = [
        next(p for p in each.placed if p.element == "brand").lines[0].x for each in (with_logo, without)
    ]
    assert starts[0] > starts[1]


def test_a_photo_ends_above_a_price_that_would_stand_half_on_it() -> None:
    photos = {"lamp": read_photo(encoded(packshot(ground=(0, 255, 255))))}
    scene = replace(LAMP, slot="banner_300x250", variant="beside", logo="", headline="Light")
    picture = draw_scene(scene, FONTS, photos)
    top = next(each for each in picture.placed if each.element == "price").box[1]
    ground = (np.asarray(picture.image) == (0, 255, 255)).all(axis=2)
    assert ground.any() and np.flatnonzero(ground.any(axis=1))[-1] < top
