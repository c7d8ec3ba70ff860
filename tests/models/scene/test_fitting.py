"""Words grow into the room there is, and a headline's lines end well whatever stands below it."""

from __future__ import annotations

from dataclasses import replace

from models.scene.layouts import Element
from models.scene.picture import draw_scene
from models.scene.scene import Scene
from tests.models.scene.sample_scenes import FONTS, RIGHT_TO_LEFT, right_to_left
from tests.models.scene.test_picture import needs_cjk

GLASSES = Scene(
    "banner_160x600", "en", "Retro Rose Gold Aviator Sunglasses", "", "Shop now", "Calder and Finch",
    "$89.99", noun="sunglasses", variant="poster",
)  # fmt: skip


def lines(scene: Scene, element: Element) -> list[str]:
    return [
        line.text
        for each in draw_scene(scene, FONTS).placed
        if each.element == element
        for line in each.lines
    ]


def test_a_headline_takes_another_line_where_that_lets_it_grow() -> None:
    assert lines(GLASSES, "headline") == ["Retro", "Rose Gold", "Aviator", "Sunglasses"]


@needs_cjk
def test_a_headline_ends_its_lines_with_phrases_where_a_description_cannot() -> None:
    headline = "为每一天准备的新选择"
    tower = replace(
        GLASSES,
        lang="zh",
        headline=headline,
        description="Adventure-Ready Expedition Backpack,三十天内免费退货,送货上门,更多款式。",
        noun="backpack",
    )
    for variant in ("tower", "poster"):
        found = lines(replace(tower, variant=variant), "headline")
        assert "".join(found) == headline and any("准备" in line for line in found), found


def test_the_smallest_banner_tells_brand_and_price_in_every_script() -> None:
    for k in range(len(RIGHT_TO_LEFT)):
        assert draw_scene(right_to_left("banner_320x50", k), FONTS).left_out == ("description",)
