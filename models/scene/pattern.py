"""What stands where no drawing shows the thing: tiles of quarter circles, leaves and dots in the brand's
colours, laid by a seed alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from models.scene.colours import Rgb
from models.scene.layouts import Box
from models.scene.palette import Palette

_FINE: Final = 4
"""Tiles are drawn so many times larger and averaged: their edges are smooth."""
_ROWS: Final = 2.0
"""Tiles along the shorter side of a place, about."""
_LEAST: Final = 22
_ACCENTS: Final = 0.14
"""Share of tiles in the strongest colour."""
Motif = Callable[[ImageDraw.ImageDraw, int, int, Rgb, Rgb], None]


def lay_pattern(canvas: Image.Image, place: Box, palette: Palette, seed: int) -> None:
    """Fills a place, the tiles in its middle whole. No two neighbours are alike."""
    left, top, width, height = place
    side = max(_LEAST, round(min(width, height) / _ROWS))
    across, down = math.ceil(width / side), math.ceil(height / side)
    drawn = np.random.default_rng(seed & (1 << 63) - 1)
    wall = Image.new("RGB", (across * side, down * side))
    row: list[int] = [-1] * across
    for y in range(down):
        before = -1
        for x in range(across):
            free = [each for each in range(len(_MOTIFS)) if each not in (before, row[x])]
            before = row[x] = int(drawn.choice(free))
            ground, shape = _inks(palette, float(drawn.random()), bool(drawn.integers(2)))
            tile = _tile(before, int(drawn.integers(4)), side, ground, shape)
            wall.paste(tile, (x * side, y * side))
    spare = ((wall.width - width) // 2, (wall.height - height) // 2)
    canvas.paste(wall.crop((*spare, spare[0] + width, spare[1] + height)), (left, top))


def _inks(palette: Palette, drawn: float, turned: bool) -> tuple[Rgb, Rgb]:
    """Ground and shape of a tile: quiet ones, and a few in the colour of the thing."""
    if drawn < _ACCENTS:
        return palette.stage, palette.thing
    if drawn < 2 * _ACCENTS:
        return palette.shape, palette.button
    quiet = (palette.stage_end, palette.shape) if drawn < 0.65 else (palette.stage, palette.shape)
    return (quiet[1], quiet[0]) if turned else quiet


def _tile(motif: int, turns: int, side: int, ground: Rgb, shape: Rgb) -> Image.Image:
    fine = side * _FINE
    tile = Image.new("RGB", (fine, fine), ground)
    _MOTIFS[motif](ImageDraw.Draw(tile), fine, fine - 1, ground, shape)
    return tile.rotate(90 * turns).reduce(_FINE)


def _quarter(draw: ImageDraw.ImageDraw, side: int, last: int, ground: Rgb, shape: Rgb) -> None:
    draw.ellipse((-side, -side, last, last), fill=shape)


def _quarter_ring(draw: ImageDraw.ImageDraw, side: int, last: int, ground: Rgb, shape: Rgb) -> None:
    draw.ellipse((-side, -side, last, last), fill=shape)
    half = side // 2
    draw.ellipse((-half, -half, half, half), fill=ground)


def _half(draw: ImageDraw.ImageDraw, side: int, last: int, ground: Rgb, shape: Rgb) -> None:
    draw.ellipse((0, side // 2, last, side // 2 + last), fill=shape)


def _leaf(draw: ImageDraw.ImageDraw, side: int, last: int, ground: Rgb, shape: Rgb) -> None:
    corners = (True, False, True, False)
    draw.rounded_rectangle((0, 0, last, last), side - 1, fill=shape, corners=corners)


def _dot(draw: ImageDraw.ImageDraw, side: int, last: int, ground: Rgb, shape: Rgb) -> None:
    inset = side // 5
    draw.ellipse((inset, inset, last - inset, last - inset), fill=shape)


def _slope(draw: ImageDraw.ImageDraw, side: int, last: int, ground: Rgb, shape: Rgb) -> None:
    draw.polygon((0, 0, last, last, 0, last), fill=shape)


_MOTIFS: Final[tuple[Motif, ...]] = (_quarter, _quarter_ring, _half, _leaf, _dot, _slope)
