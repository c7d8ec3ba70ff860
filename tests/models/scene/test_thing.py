"""A thing is as large as the shape behind it holds, whatever its own shape."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from models.scene.drawn.subjects import Drawing
from models.scene.palette import palette_of
from models.scene.thing import draw_thing

SHORT = 200
DISC = 0.46
"""Radius of the shape behind a thing, in short sides of its place."""


@pytest.mark.parametrize(
    "thing",
    ["storage/dresser", "eyewear/glasses", "necklaces/locket", "clocks/wall_clock", "pots/dutch_oven"],
)
def test_a_thing_fills_the_shape_behind_it_and_stays_in_it(thing: str) -> None:
    canvas = Image.new("RGB", (300, SHORT), (255, 255, 255))
    draw_thing(
        canvas, Drawing(thing, "", stands=False), (0, 0, *canvas.size), palette_of("Calder", (), "deep")
    )
    down, across = np.nonzero((np.asarray(canvas) != 255).any(axis=2))
    reach = np.hypot(across + 0.5 - 150, down + 0.5 - SHORT / 2).max() / SHORT
    assert 0.9 * DISC < reach < DISC
