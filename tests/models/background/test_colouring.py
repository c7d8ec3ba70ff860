"""Maps in a brand's colours."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from models.background.colouring import Maps, coloured, maps_of
from models.scene.colours import Rgb, luminance
from models.scene.palette import palette_of

PALETTE = palette_of("Acme", ("#0b57d0", "#f2b705"), "deep")


def flat(field: float, accent: float, light: float) -> Maps:
    return Maps(*(np.full((24, 40), each) for each in (field, accent, light)))


@pytest.mark.parametrize(
    ("maps", "expected"),
    [
        (flat(0, 0, 0), PALETTE.ground),
        (flat(1, 0, 0), PALETTE.field),
        (flat(0.3, 1, 0), PALETTE.button),
    ],
)
def test_a_whole_share_is_the_colour_within_one_rounding(maps: Maps, expected: Rgb) -> None:
    pixels = np.asarray(coloured(maps, PALETTE, (120, 72), 1), np.int16)
    assert pixels.shape == (72, 120, 3) and np.abs(pixels - np.array(expected)).max() <= 1


def test_a_stop_more_is_twice_the_light() -> None:
    plain, lit = (
        luminance(np.asarray(coloured(flat(0, 0, stops), PALETTE, (40, 24), 1))) for stops in (0, 1)
    )
    assert lit.mean() / plain.mean() == pytest.approx(2, rel=0.12)


def test_calm_grounds_show_no_steps() -> None:
    slope = np.linspace(0, 0.2, 40)[None].repeat(24, 0)
    pixels = np.asarray(coloured(Maps(slope, slope * 0, slope * 0), PALETTE, (1200, 720), 1), np.int16)
    narrow = pixels[:, 400:404, 0]
    assert len(np.unique(narrow)) > 1, "levels are mixed where the colour lies between two"


def test_numbers_go_there_and_back_and_are_held_in_bounds() -> None:
    maps = flat(0.2, 0.9, -0.4)
    back = maps_of(maps.numbers())
    for name in ("field", "accent", "light"):
        np.testing.assert_allclose(getattr(back, name), getattr(maps, name), atol=1e-6)
    wild = maps_of(np.full((3, 8, 8), 9.0, np.float32))
    assert wild.field.max() == wild.accent.max() == wild.light.max() == 1


def test_the_picture_is_the_same_within_one_rounding_on_any_machine() -> None:
    y, x = np.mgrid[0:24, 0:40] / 40
    maps = Maps(np.sin(9 * x * y) ** 2, (x > 0.7) * 0.8, np.cos(7 * x + 3 * y))
    picture = coloured(maps, PALETTE, (60, 36), 7)
    golden = Image.open("tests/golden/background/coloured.png")
    assert np.abs(np.asarray(picture, np.int16) - np.asarray(golden, np.int16)).max() <= 1
