"""The drawing of a thing: where it covers what is behind it, on its stage, in its colours."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final

import resvg_py
from PIL import Image, ImageDraw

from models.scene.drawn.subjects import Drawing
from models.scene.layouts import Box
from models.scene.painter import gradient, shadow
from models.scene.palette import Palette
from models.scene.words.fonts import Fonts, NoFontError

_SIDE: Final = 0.62
"""Of the thing in sides of its place."""


def draw_thing(canvas: Image.Image, drawing: Drawing, fonts: Fonts, place: Box, palette: Palette) -> None:
    """In the middle of its place, darker towards the floor, with a shadow where it stands on one. Raises
    NoFontError."""
    left, top, width, height = place
    side = max(16, round(min(width, height) * _SIDE))
    mask = _painted(drawing.thing, side) if drawing.thing else _icon(drawing.icon, side, fonts)
    begins, above, ends, floor = mask.getbbox() or (0, 0, side, side)
    x = round(left + (width - begins - ends) / 2)
    y = round(top + (height - above - floor) / 2)
    if drawing.stands:
        under = (x + (begins + ends) / 2, y + floor)
        shadow(canvas, under, ((ends - begins) * 0.96, side * 0.12), palette.thing_end)
    canvas.paste(gradient((side, side), palette.thing, palette.thing_end), (x, y), mask)


def _icon(icon: str, side: int, fonts: Fonts) -> Image.Image:
    if fonts.icons is None:
        raise NoFontError(
            "no font of icons at hand: install the extra `image` (pip install 'shiftcast[image]')"
        )
    mask = Image.new("L", (side, side))
    font = fonts.icons.sized(side)
    ImageDraw.Draw(mask).text((side / 2, side / 2), icon, fill=255, font=font, anchor="mm")
    return mask


@lru_cache(maxsize=64)
def _painted(thing: str, side: int) -> Image.Image:
    """A file of things/: white covers, black is cut out of it."""
    svg = (files("models.scene.drawn") / "things" / f"{thing}.svg").read_text("utf-8")
    data = resvg_py.svg_to_bytes(svg_string=svg, width=side, height=side, skip_system_fonts=True)
    with Image.open(BytesIO(data)) as painted:
        ground = Image.new("RGBA", painted.size, "black")
        return Image.alpha_composite(ground, painted.convert("RGBA")).convert("L")
