"""The drawing of a thing on its stage, in its colours."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Final

import numpy as np
import resvg_py
from PIL import Image

from models.scene.colours import Rgb
from models.scene.drawn.subjects import Drawing, svg_of
from models.scene.layouts import Box
from models.scene.painter import shadow
from models.scene.palette import WHITE, Palette

_REACH: Final = 0.42
"""How far a thing reaches from its middle, in short sides of its place: less than the shape behind it."""
_SAMPLE: Final = 120
_SEEN: Final = 40
"""Of 255, from which on a thing covers what is behind it."""
_LIGHT: Final = (44, 20, 0, 20, 0, 0, 0, 0, 0)
"""Of white, in 255ths, at nine places of a thing; as much of _DUSK at those across."""
_DUSK: Final[Rgb] = (26, 16, 48)
_FOOT: Final = 10
"""Of a side, the part above the floor that throws the shadow."""
_SHADE: Final = 0.35
"""Of the colour a thing stands on, its shadow's share of black."""


def draw_thing(canvas: Image.Image, drawing: Drawing, place: Box, palette: Palette) -> None:
    """In the middle of its place, as large as the shape behind it holds, with a shadow where it stands on a
    floor."""
    left, top, width, height = place
    side = max(16, round(min(width, height) * _REACH / reach(drawing.thing)))
    thing = painted(drawing.thing, side, palette.thing)
    seen = _seen(thing)
    begins, above, ends, floor = seen.getbbox() or (0, 0, side, side)
    x = round(left + (width - begins - ends) / 2)
    y = round(top + (height - above - floor) / 2)
    if drawing.stands:
        foot, _, last, _ = seen.crop((0, floor - max(1, side // _FOOT), side, floor)).getbbox() or (
            0,
            0,
            side,
            0,
        )
        under = (x + (foot + last) / 2, y + floor - side * 0.02)
        shadow(canvas, under, ((last - foot) * 1.04, side * 0.1), _darker(palette.shape))
    canvas.paste(thing, (x, y), thing)


def _darker(colour: Rgb) -> Rgb:
    r, g, b = (round(each * _SHADE) for each in colour)
    return r, g, b


@lru_cache(maxsize=512)
def reach(thing: str) -> float:
    """How far a drawing reaches from its middle, in sides of its file."""
    seen = _seen(painted(thing, _SAMPLE, WHITE))
    left, top, right, bottom = seen.getbbox() or (0, 0, _SAMPLE, _SAMPLE)
    rows, columns = np.nonzero(np.asarray(seen))
    across, down = columns + 0.5 - (left + right) / 2, rows + 0.5 - (top + bottom) / 2
    return float(np.hypot(across, down).max(initial=0.5)) / _SAMPLE


def _seen(thing: Image.Image) -> Image.Image:
    """What it covers, not what it shines on."""
    return thing.getchannel("A").point(lambda alpha: 255 * (alpha >= _SEEN))


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
