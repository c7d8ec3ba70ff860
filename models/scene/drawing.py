"""Thing, button, mark and words onto a background; what words stand on is measured before they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

from models.scene.colours import Rgb, contrast
from models.scene.layouts import Box
from models.scene.painter import panel
from models.scene.palette import BLACK, LEAST_CONTRAST, WHITE, Palette, readable_on
from models.scene.pattern import lay_pattern
from models.scene.photo import Photo, aspect_of
from models.scene.scene import Scene
from models.scene.thing import draw_thing
from models.scene.words.placing import MARK, Placed, PlacedLine

_FINE: Final = 4
_LARGE: Final = 48
"""Type of so many pixels needs no averaging."""
_SOFT: Final = frozenset({"description", "legal"})


def draw_subject(canvas: Image.Image, scene: Scene, picture: Box, palette: Palette) -> None:
    """The thing, where there is a drawing of it, else a pattern."""
    drawing = scene.drawing
    if drawing is None:
        lay_pattern(canvas, picture, palette, scene.seed)
    else:
        draw_thing(canvas, drawing, picture, palette)


def draw_words(
    canvas: Image.Image, words: Sequence[Placed], palette: Palette, lang: str, logo: Photo | None = None
) -> float | None:
    """Buttons and marks, then all words; words that a photo makes hard to read get a plate. Returns the least
    contrast between an ink and what it was drawn on, None without words."""
    for placed in words:
        if placed.element == "cta":
            _panel(canvas, placed.box, placed.pixels * 0.45, palette.button)
        elif placed.element == "brand":
            _mark(canvas, placed, palette, logo)
    for placed in words:
        if ink_on(canvas, placed, palette)[1] < LEAST_CONTRAST:
            _plate(canvas, placed, palette)
    inks = [ink_on(canvas, placed, palette) for placed in words]
    for placed, (ink, _) in zip(words, inks, strict=True):
        for line in placed.lines:
            letters = drawn_letters(line, placed, lang)
            canvas.paste(ink, letters.box, letters.mask)
    return min((ratio for _, ratio in inks), default=None)


def ink_on(canvas: Image.Image, placed: Placed, palette: Palette) -> tuple[Rgb, float]:
    """The ink of an element where it is to stand, and its contrast there."""
    return _clearest(_wished(placed, palette), [_ground(canvas, line, placed) for line in placed.lines])


@dataclass(frozen=True, slots=True)
class Letters:
    """A line of type as a mask, and where its left upper corner belongs."""

    mask: Image.Image
    left: int
    top: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.left + self.mask.width, self.top + self.mask.height


def drawn_letters(line: PlacedLine, placed: Placed, lang: str) -> Letters:
    """A line of type, drawn larger and averaged: its letters stand where they belong, not on whole pixels."""
    fine = 1 if placed.pixels >= _LARGE else _FINE
    pad = placed.pixels
    left = line.x - line.width if placed.rtl else line.x
    x, y = int(left) - pad, int(line.baseline) - 2 * pad
    mask = Image.new("L", ((round(line.width) + 2 * pad + 1) * fine, 3 * pad * fine))
    at = ((line.x - x) * fine, (line.baseline - y) * fine)
    drawn = ImageDraw.Draw(mask)
    placed.lettering.draw(drawn, at, line.text, placed.pixels * fine, placed.rtl, lang)
    return Letters(mask.reduce(fine) if fine > 1 else mask, x, y)


def _wished(placed: Placed, palette: Palette) -> Rgb:
    if placed.element == "cta":
        return palette.button_ink
    return palette.soft_ink if placed.element in _SOFT else palette.ink


def _ground(canvas: Image.Image, line: PlacedLine, placed: Placed) -> NDArray[np.uint8]:
    """The pixels a line is to stand on."""
    left, top, right, bottom = placed.ink(line)
    box = (
        max(0, int(left)),
        max(0, int(top)),
        min(canvas.width, int(right) + 1),
        min(canvas.height, int(bottom) + 1),
    )
    return np.asarray(canvas.crop(box)).reshape(-1, 3)


def _clearest(wished: Rgb, grounds: list[NDArray[np.uint8]]) -> tuple[Rgb, float]:
    """The wished ink where it can be read everywhere, else whichever of white and black is clearer."""
    pixels = np.concatenate(grounds)
    found = contrast(wished, pixels)
    if found >= LEAST_CONTRAST:
        return wished, found
    return max(((ink, contrast(ink, pixels)) for ink in (WHITE, BLACK)), key=lambda each: each[1])


def _panel(canvas: Image.Image, box: tuple[float, float, float, float], radius: float, colour: Rgb) -> None:
    left, top, right, bottom = (round(each) for each in box)
    panel(canvas, (left, top, right - left, bottom - top), radius, colour)


def _plate(canvas: Image.Image, placed: Placed, palette: Palette) -> None:
    """An even ground behind the words of an element."""
    lefts, tops, rights, bottoms = zip(*(placed.ink(line) for line in placed.lines), strict=True)
    pad = placed.pixels * 0.4
    box = (min(lefts) - pad, min(tops) - pad, max(rights) + pad, max(bottoms) + pad)
    _panel(canvas, box, placed.pixels * 0.35, palette.ground)


def _mark(canvas: Image.Image, placed: Placed, palette: Palette, logo: Photo | None) -> None:
    """The brand's logo on its own ground, or without one its first letter on a round square."""
    side = round(placed.pixels * MARK)
    wide = round(side * aspect_of(logo))
    left, top, right, bottom = placed.box
    x = round(right - wide) if placed.rtl else round(left)
    y = round((top + bottom - side) / 2)
    if logo is not None:
        panel(canvas, (x, y, wide, side), side * 0.18, logo.ground or WHITE)
        shown = logo.image.crop(logo.thing)
        room = (wide - max(2, side // 6), side - max(2, side // 6))
        shown = ImageOps.contain(shown, room, Image.Resampling.LANCZOS)
        canvas.paste(shown, (x + (wide - shown.width) // 2, y + (side - shown.height) // 2))
        return
    panel(canvas, (x, y, side, side), side * 0.28, palette.button)
    letter = placed.lines[0].text[:1].upper()
    face = placed.lettering.face_of(letter)
    ImageDraw.Draw(canvas).text(
        (x + side / 2, y + side / 2),
        letter,
        fill=readable_on(palette.button, palette.button_ink),
        font=face.sized(max(6, round(side * 0.62))),
        anchor="mm",
    )
