"""The model's maps in a brand's colours: shares of two of them over a third, and light in stops; enlarged to
the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.background.noise import uniforms
from models.background.smoothing import Map
from models.scene.colours import Rgb
from models.scene.palette import Palette

CHANNELS: Final = 3
_SPREAD: Final = np.array([1.6, 1.6, 2.2])[:, None, None]
"""Makes the maps about as wide as the noise that they are hidden in."""
_MOST_STOPS: Final = 1.0
_GAMMA: Final = 2.2


@dataclass(frozen=True, slots=True)
class Maps:
    """Of a picture, each (height, width): `field` and `accent`: shares, 0 to 1, of these colours over the
    ground; `light`: stops above or below what shows the colours as they are, -1 to 1."""

    field: Map
    accent: Map
    light: Map

    def numbers(self) -> NDArray[np.float32]:
        """As the model takes them, (3, height, width)."""
        told = np.stack([2 * self.field - 1, 2 * self.accent - 1, self.light]) * _SPREAD
        return told.astype(np.float32)


def maps_of(numbers: NDArray[np.float32]) -> Maps:
    """What the model's numbers stand for; those beyond the bounds are taken back to them."""
    field, accent, light = np.clip(numbers / _SPREAD, -1, 1)
    return Maps((field + 1) / 2, (accent + 1) / 2, light)


def coloured(maps: Maps, palette: Palette, size: tuple[int, int], seed: int) -> Image.Image:
    """The picture in its size (width, height); noise below one level, which the seed draws, keeps calm
    grounds from showing steps."""
    ground, field, accent = (_linear(each) for each in (palette.ground, palette.field, palette.button))
    shares = [_enlarged(each, size)[..., None] for each in (maps.field, maps.accent)]
    mixed = ground + shares[0] * (field - ground)
    mixed = mixed + shares[1] * (accent - mixed)
    lit = mixed * 2 ** (_MOST_STOPS * _enlarged(maps.light, size))[..., None]
    levels = 255 * np.clip(lit, 0, 1) ** (1 / _GAMMA)
    dither = uniforms(seed, levels.shape[0] * levels.shape[1]).reshape(*levels.shape[:2], 1)
    return Image.fromarray(np.floor(np.clip(levels + dither, 0, 255)).astype(np.uint8))


def _linear(colour: Rgb) -> NDArray[np.float64]:
    return np.asarray((np.array(colour) / 255) ** _GAMMA, np.float64)


def _enlarged(values: Map, size: tuple[int, int]) -> Map:
    large = Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(large, np.float64)
