"""Colour maths against published values, palettes that can be read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scene.colours import Rgb, contrast, lch_of, oklch, rgb_of
from models.scene.palette import LEAST_CONTRAST, palette_of

CHANNEL = st.integers(0, 255)


def pixel(colour: Rgb) -> np.ndarray:
    return np.array([colour], np.uint8)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ((0, 0, 0), (255, 255, 255), 21.0),
        ((255, 255, 255), (118, 118, 118), 4.54),
        ((255, 0, 0), (255, 255, 255), 4.0),
    ],
)
def test_contrast_is_that_of_wcag(one: Rgb, other: Rgb, ratio: float) -> None:
    assert contrast(one, pixel(other)) == pytest.approx(ratio, abs=0.005)


def test_the_worst_pixel_counts() -> None:
    ground = np.array([[255, 255, 255], [255, 255, 255], [130, 130, 130]], np.uint8)
    assert contrast((118, 118, 118), ground) < 1.3


def test_an_ink_between_the_pixels_has_the_contrast_of_the_nearest() -> None:
    ground = np.array([[0, 0, 0], [255, 255, 255], [120, 120, 120]], np.uint8)
    assert contrast((120, 120, 120), ground) == pytest.approx(1.0)


def test_red_in_oklch() -> None:
    assert lch_of((255, 0, 0)) == pytest.approx((0.628, 0.2577, 29.23), abs=0.01)


@given(CHANNEL, CHANNEL, CHANNEL)
def test_there_and_back(red: int, green: int, blue: int) -> None:
    assert (
        max(abs(a - b) for a, b in zip(oklch(*lch_of((red, green, blue))), (red, green, blue), strict=True))
        <= 14
    )


def test_what_is_no_colour() -> None:
    assert rgb_of("#0b57d0") == (11, 87, 208)
    assert rgb_of("blue") is None


@given(st.text(max_size=12), st.lists(st.tuples(CHANNEL, CHANNEL, CHANNEL), max_size=2), st.booleans())
def test_inks_of_any_brand_can_be_read(brand: str, colours: list[Rgb], deep: bool) -> None:
    named = tuple("#{:02x}{:02x}{:02x}".format(*each) for each in colours)
    palette = palette_of(brand, named, "deep" if deep else "light")
    for ground in (palette.ground, palette.ground_end):
        assert contrast(palette.ink, pixel(ground)) >= LEAST_CONTRAST
        assert contrast(palette.soft_ink, pixel(ground)) >= LEAST_CONTRAST
    assert contrast(palette.button_ink, pixel(palette.button)) >= LEAST_CONTRAST


def test_a_brand_looks_like_itself_and_its_colour_is_taken() -> None:
    assert palette_of("Hearthside", (), "light") == palette_of("Hearthside", (), "light")
    assert palette_of("Hearthside", ("#0b57d0",), "light").button == (11, 87, 208)
    assert palette_of("Hearthside", ("#0b57d0", "#ffcc00"), "deep").button == (255, 204, 0)
