"""One font file at one weight: how wide a line is in it, which characters it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal

import regex
import uharfbuzz
from PIL import ImageFont

Weight = Literal["regular", "bold"]

_UNDRAWN: Final = regex.compile(r"[\s\p{Cf}\p{Variation_Selector}]")
"""Spaces, marks of direction and of variants: they need no glyph."""
_WEIGHTS: Final = {"regular": 450, "bold": 750}
"""On the axis of variable fonts: a little above the names', since small type on screens looks thin."""
_MEASURED: Final = 96
"""Pixels of the type that lines are measured in."""
_SPARE: Final = 1.01
"""Type is a little wider than its share of larger type: advances are whole pixels."""


@dataclass
class Face:
    """One font file at one weight, in every size that is asked for."""

    path: Path
    weight: Weight
    _sizes: dict[int, ImageFont.FreeTypeFont] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._width = lru_cache(maxsize=8192)(self._measured)

    def _measured(self, text: str, rtl: bool) -> float:
        return self.sized(_MEASURED).getlength(text, direction="rtl" if rtl else "ltr")

    @property
    def name(self) -> str:
        """File and weight: part of what a picture is made of."""
        return f"{self.path.name}:{self.weight}"

    def sized(self, pixels: int) -> ImageFont.FreeTypeFont:
        """The font at a size."""
        if pixels not in self._sizes:
            made = ImageFont.truetype(str(self.path), pixels, layout_engine=ImageFont.Layout.RAQM)
            if self.path.name.endswith("].ttf"):
                made.set_variation_by_axes(self._axes(made))
            self._sizes[pixels] = made
        return self._sizes[pixels]

    def _axes(self, made: ImageFont.FreeTypeFont) -> list[float]:
        wanted = {b"Weight": _WEIGHTS[self.weight]}
        axes = made.get_variation_axes()
        return [float(wanted.get(axis["name"], axis["default"] or 0)) for axis in axes]

    def width(self, text: str, pixels: float, rtl: bool) -> float:
        """About how wide a line is: measured once and scaled, a little more than it will be."""
        return self._width(text, rtl) * pixels * _SPARE / _MEASURED

    def missing(self, text: str) -> str:
        """The characters of a text that would come out as boxes."""
        drawn = _UNDRAWN.sub("", text)
        held = _characters(self.path)
        return "".join(sorted({each for each in drawn if ord(each) not in held}))


@cache  # as many as fonts lie on the machine
def _characters(path: Path) -> frozenset[int]:
    """What a font file draws, in any weight; nothing where it cannot be read, or brings ink of its own."""
    try:
        face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
    except uharfbuzz.HarfBuzzError:
        return frozenset()
    if face.has_color_png or face.has_color_svg or face.has_color_layers or face.has_color_paint:
        return frozenset()
    return frozenset(face.unicodes)
