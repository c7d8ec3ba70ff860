"""The drawing of a thing on its stage, in its colours."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Final

import resvg_py
from PIL import Image

from models.scene.colours import Rgb
from models.scene.drawn.subjects import Drawing, svg_of
from models.scene.layouts import Box
from models.scene.painter import shadow
from models.scene.palette import WHITE, Palette

_SIDE: Final = 0.74
"""Of the thing in sides of its place."""
_LIGHT: Final = (44, 20, 0, 20, 0, 0, 0, 0, 0)
"""Of white, in 255ths, at nine places of a thing; as much of _DUSK at those across."""
_DUSK: Final[Rgb] = (26, 16, 48)
_SHADE: Final = 0.35
"""Of the colour a thing stands on, its shadow's share of black."""


def draw_thing(canvas: Image.Image, drawing: Drawing, place: Box, palette: Palette) -> None:
    """In the middle of its place, with a shadow where it stands on a floor."""
    left, top, width, height = place
    side = max(16, round(min(width, height) * _SIDE))
    thing = painted(drawing.thing, side, palette.thing)
    begins, above, ends, floor = thing.getbbox() or (0, 0, side, side)
    x = round(left + (width - begins - ends) / 2)
    y = round(top + (height - above - floor) / 2)
    if drawing.stands:
        under = (x + (begins + ends) / 2, y + floor - side * 0.02)
        shadow(canvas, under, ((ends - begins) * 0.96, side * 0.1), _darker(palette.shape))
    canvas.paste(thing, (x, y), thing)


def _darker(colour: Rgb) -> Rgb:
    r, g, b = (round(each * _SHADE) for each in colour)
    return r, g, b


@lru_cache(maxsize=64)
def painted(thing: str, side: int, colour: Rgb) -> Image.Image:
    """Its file in a colour, transparent around it."""
    r, g, b = colour
    coloured = svg_of(thing).replace("<svg ", f'<svg color="#{r:02x}{g:02x}{b:02x}" ', 1)
    data = resvg_py.svg_to_bytes(svg_string=coloured, width=side, height=side, skip_system_fonts=True)
    with Image.open(BytesIO(data)) as image:
        return _lit(image.convert("RGBA"))


def _lit(thing: Image.Image) -> Image.Image:
    """With light from above left, which gives flat colours a form."""
    lit = thing.convert("RGB")
    for colour, shares in ((WHITE, _LIGHT), (_DUSK, _LIGHT[::-1])):
        corners = Image.new("L", (3, 3))
        corners.putdata(shares)
        share = corners.resize(thing.size, Image.Resampling.BILINEAR, box=(0.5, 0.5, 2.5, 2.5))
        lit.paste(colour, (0, 0), share)
    lit.putalpha(thing.getchannel("A"))
    return lit
