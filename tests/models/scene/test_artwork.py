"""Advertisers' layouts: what may stand in them, and that words on them are as readable as on ours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from models.scene.artwork import Artwork, ArtworkError, artwork_faults, read_artwork
from models.scene.artwork_pixels import artwork_pixels_of
from models.scene.checking import picture_faults
from models.scene.palette import LEAST_CONTRAST
from models.scene.picture import DrawnPicture, draw_scene
from models.scene.scene import Scene, scene_name
from tests.models.scene.sample_scenes import FONTS, right_to_left

SLOT = "banner_300x250"
BOXES = """
<rect id="picture" x="190" y="20" width="100" height="100"/>
<rect id="headline" x="16" y="16" width="160" height="70"/>
<rect id="description" x="16" y="96" width="160" height="60"/>
<rect id="cta" x="16" y="180" width="150" height="40"/>
<rect id="price" x="190" y="180" width="94" height="30" text-anchor="middle"/>
<rect id="brand" x="16" y="224" width="120" height="16"/>
<rect id="legal" x="150" y="226" width="130" height="14" text-anchor="end"/>
"""
ART = """
<defs><linearGradient id="sky"><stop offset="0" stop-color="#102030"/><stop offset="1" stop-color="#405080"/>
</linearGradient></defs>
<rect width="300" height="250" fill="url(#sky)"/><circle cx="240" cy="70" r="60" fill="rgb(250, 200, 20)"/>
"""
LAMP = Scene(
    SLOT, "en", "Get the walnut lamp", "The front hall and homely touches.", "Take a look", "Hearthside",
    "$89.99", "AI-generated", "lamp", seed=5,
)  # fmt: skip


def svg(inside: str = ART + BOXES, attributes: str = 'viewBox="0 0 300 250"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'


def drawn(scene: Scene) -> DrawnPicture:
    picture = draw_scene(scene, FONTS)
    assert picture_faults(scene.slot, picture) == []
    assert picture.least_contrast is not None and picture.least_contrast >= LEAST_CONTRAST
    return picture


def test_words_stand_in_the_boxes_on_what_is_painted() -> None:
    picture = drawn(replace(LAMP, artwork=svg()))
    assert picture.variant == "artwork"
    assert picture.image.getpixel((299, 249)) == pytest.approx((0x40, 0x50, 0x80), abs=4)
    boxes = {each.element: each.box for each in picture.placed}
    assert boxes.keys() == {"headline", "description", "cta", "price", "brand", "legal"}
    assert boxes["headline"][0] == 16 and boxes["headline"][3] <= 86
    assert boxes["legal"][2] == pytest.approx(280)


def test_words_too_long_for_it_are_set_in_the_slots_own_layout() -> None:
    narrow = svg(ART + BOXES.replace('width="160" height="70"', 'width="60" height="30"'))
    assert drawn(replace(LAMP, artwork=narrow)).variant in ("shelf", "beside")


def test_words_on_a_busy_ground_are_readable() -> None:
    stripes = "".join(
        f'<rect x="{x}" width="6" height="250" fill="{"#fff" if x % 12 else "#000"}"/>'
        for x in range(0, 300, 6)
    )
    drawn(replace(LAMP, artwork=svg(stripes + BOXES)))


def test_what_is_painted_is_not_turned_for_readers_from_the_right() -> None:
    arabic = replace(right_to_left(SLOT, 2), artwork=svg())
    headline = next(each for each in drawn(arabic).placed if each.element == "headline")
    assert headline.rtl and headline.box[2] == pytest.approx(176)


def test_a_layout_without_room_for_the_thing_shows_none() -> None:
    without = svg(ART + BOXES.replace('<rect id="picture" x="190" y="20" width="100" height="100"/>', ""))
    picture = drawn(replace(LAMP, artwork=without))
    assert picture.image.getpixel((240, 70)) == (250, 200, 20)


def test_the_name_follows_from_it() -> None:
    assert scene_name(replace(LAMP, artwork=svg()), []) != scene_name(LAMP, [])


def clipped(*clips: str, uses: str = '<rect width="9" height="9" clip-path="url(#a)"/>') -> str:
    return svg(f"<defs>{''.join(clips)}</defs>{uses}{BOXES}")


CIRCLE = '<circle r="9"/>'
CLIP = f'<clipPath id="a">{CIRCLE}</clipPath>'


def test_a_clip_may_be_named_by_what_is_painted() -> None:
    assert artwork_faults(clipped(CLIP), SLOT) == []


def test_what_takes_too_long_to_paint_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.scene.artwork_pixels.MOST_S", 0.0)
    with pytest.raises(ArtworkError, match="to paint: fewer gradients"):
        artwork_pixels_of(read_artwork(svg(), SLOT), (300, 250))


def test_what_the_painter_does_not_read_is_refused() -> None:
    with pytest.raises(ArtworkError, match=r"cannot be painted: .+"):
        artwork_pixels_of(Artwork("<svg", read_artwork(svg(), SLOT).variant), (300, 250))


BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + svg().replace("#102030", "&b;")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (svg("<script>alert(1)</script>" + BOXES), "<script>"),
        (svg('<image href="https://shop.example/a.png"/>' + BOXES), "<image>"),
        (svg('<foreignObject width="9" height="9"/>' + BOXES), "<foreignObject>"),
        (svg('<use href="#sky"/>' + ART + BOXES), "<use>"),
        (svg("<style>rect{fill:url(//shop.example)}</style>" + BOXES), "<style>"),
        (svg("<text>Save 90 %</text>" + BOXES), "<text>"),
        (svg('<rect width="9" height="9" onclick="alert(1)"/>' + BOXES), "onclick"),
        (svg('<rect width="9" height="9" style="fill:red"/>' + BOXES), "style"),
        (svg('<rect width="9" height="9" fill="url(https://shop.example/#a)"/>' + BOXES), "may only name"),
        (svg('<rect xmlns:x="http://www.w3.org/1999/xlink" x:href="#a"/>' + BOXES), "href"),
        (BOMB, "DOCTYPE"),
        ('<!DOCTYPE svg SYSTEM "file:///etc/passwd">' + svg(), "DOCTYPE"),
        (svg("<g>" * 40 + "</g>" * 40 + BOXES), "deep"),
        (svg("<g/>" * 1_100 + BOXES), "elements"),
        (svg("<!--" + "a" * 40_000 + "-->" + BOXES), "characters"),
        (clipped(CLIP, '<clipPath id="b" clip-path="url(#a)"><circle r="9"/></clipPath>'), "clipped itself"),
        (clipped(CLIP, '<clipPath id="b"><g><g clip-path="url(#a)"/></g></clipPath>'), "clipped itself"),
        (svg(ART + '<rect width="9" height="9" opacity=".5"/>' * 65 + BOXES), "65 elements with opacity"),
        (
            clipped(CLIP.replace(CIRCLE, CIRCLE * 40), uses='<g clip-path="url(#a)"/>' * 40),
            "elements of clips",
        ),
        ("<svg", "no XML"),
        ("<html/>", "begins with no"),
        (svg(attributes='viewBox="0 0 600 500"'), 'viewBox="0 0 300 250"'),
        (svg(ART), 'no <rect id="cta">'),
        (svg(ART + BOXES + '<rect id="cta" x="16" y="180" width="150" height="40"/>'), "twice"),
        (svg(ART + f"<g>{BOXES}</g>"), "right below"),
        (svg(ART + BOXES.replace('id="cta" x="16"', 'id="cta" x="2"')), "safe zone"),
        (svg(ART + BOXES.replace('y="96"', 'y="60"')), "overlap"),
        (svg(ART + BOXES.replace('width="150" height="40"', 'width="150" height="12"')), "pixels needs"),
        (svg(ART + BOXES.replace('x="16" y="16"', 'x="10%" y="16"')), "plain numbers"),
    ],
)
def test_what_may_not_stand_in_it_is_named(text: str, why: str) -> None:
    assert [each for each in artwork_faults(text, SLOT) if why in each], artwork_faults(text, SLOT)
    with pytest.raises(ArtworkError):
        read_artwork(text, SLOT)


def test_slots_without_words_or_pictures_have_none() -> None:
    assert "no words" in artwork_faults(svg(), "native")[0]
    assert "no layout" in artwork_faults(svg(), "text")[0]


def test_only_what_was_read_is_painted() -> None:
    painted = artwork_pixels_of(read_artwork(svg(), SLOT), (300, 250))
    assert isinstance(painted, Image.Image) and painted.getpixel((20, 20)) != (0, 0, 0), (
        "boxes are not painted"
    )
