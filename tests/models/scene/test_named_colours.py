"""Colours that texts name, in three languages."""

from __future__ import annotations

import pytest

from models.scene.colours import lch_of
from models.scene.drawn.named_colours import colours_in


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("these timeless brown leather oxfords", ["#7a4a28"]),
        ("this stunning burnt orange velvet sofa", ["#b3541e"]),
        ("rose gold aviators", ["#d9a5a0"]),
        ("Luxurious emerald green velvet", ["#0d6b4b"]),
        ("eine rostrote Decke, dunkelblau eingefasst", ["#a8431f", "#1c2f57"]),
        ("明黄色儿童羽绒马甲", ["#eec32d"]),
        ("black, and black again", ["#26262a"]),
        ("clean lines and tapered wooden legs, with black straps", []),
        ("Orangenmarmelade, blackboards and a tangent", []),
    ],
)
def test_colours_are_found_as_whole_words(text: str, named: list[str]) -> None:
    assert ["#{:02x}{:02x}{:02x}".format(*each) for each in colours_in(text)] == named


def test_dark_and_light_are_shades() -> None:
    plain, dark, light = (lch_of(*colours_in(text)) for text in ("red", "a dark red", "light-red"))
    assert dark[0] < plain[0] < light[0]
    assert abs(dark[2] - plain[2]) < 8
