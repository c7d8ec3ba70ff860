"""The background: grounds that turn from one colour into another, calm shapes, drawn from a seed alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from models.scene.colours import Rgb
from models.scene.layouts import NO_PLACE, Box, LayoutVariant
from models.scene.palette import Palette

_FINE: Final = 2
"""Masks are drawn so many times larger and averaged: their edges are smooth."""
Draw = Callable[[ImageDraw.ImageDraw], None]
PaintGround = Callable[
    [tuple[int, int], Palette, bool, Sequence[tuple[float, float, float, float]]], Image.Image
]
"""What else may paint the ground of words alone: told size, palette, whether it is deep, and the boxes of the
words."""


def paint(
    size: tuple[int, int], variant: LayoutVariant, picture: Box, palette: Palette, seed: int
) -> Image.Image:
    """The background of a picture: everything but the thing and the words."""
    canvas = gradient(size, palette.ground, palette.ground_end, slanted=True)
    if picture == NO_PLACE:
        _without_picture(canvas, variant.field, palette, seed)
        return canvas
    if variant.ground == "light":
        left, top, width, height = picture
        canvas.paste(gradient((width, height), palette.stage, palette.stage_end, slanted=True), (left, top))
    _decorate(canvas, variant, picture, palette, seed)
    return canvas


def gradient(size: tuple[int, int], start: Rgb, end: Rgb, slanted: bool = False) -> Image.Image:
    """From `start` at the top (left) to `end` at the bottom (right)."""
    between = tuple((a + b) // 2 for a, b in zip(start, end, strict=True))
    corners = Image.new("RGB", (2, 2))
    corners.putdata([start, between, between, end] if slanted else [start, start, end, end])
    return corners.resize(size, Image.Resampling.BILINEAR, box=(0.5, 0.5, 1.5, 1.5))


def fill(canvas: Image.Image, box: Box, colour: Rgb | Image.Image, draw: Draw) -> None:
    """Paints what `draw` draws (in `box`, from 0, at _FINE times the size) in a colour or with a picture."""
    left, top, width, height = box
    mask = Image.new("L", (width * _FINE, height * _FINE))
    draw(ImageDraw.Draw(mask))
    canvas.paste(colour, (left, top, left + width, top + height), mask.reduce(_FINE))


def disc(canvas: Image.Image, centre: tuple[float, float], radius: float, colour: Rgb) -> None:
    """A full circle; what lies outside the canvas is lost."""
    x, y, side = round(centre[0] - radius), round(centre[1] - radius), max(1, round(2 * radius))
    last = side * _FINE - 1
    fill(canvas, (x, y, side, side), colour, lambda draw: draw.ellipse((0, 0, last, last), fill=255))


def ring(canvas: Image.Image, centre: tuple[float, float], radius: float, line: int, colour: Rgb) -> None:
    """A circle of `line` pixels."""
    x, y, side = round(centre[0] - radius), round(centre[1] - radius), max(1, round(2 * radius))
    last = side * _FINE - 1
    fill(
        canvas,
        (x, y, side, side),
        colour,
        lambda draw: draw.ellipse((0, 0, last, last), outline=255, width=line * _FINE),
    )


def panel(canvas: Image.Image, box: Box, radius: float, colour: Rgb) -> None:
    """A rectangle with round corners."""
    right, bottom = box[2] * _FINE - 1, box[3] * _FINE - 1
    fill(
        canvas,
        box,
        colour,
        lambda draw: draw.rounded_rectangle((0, 0, right, bottom), radius * _FINE, fill=255),
    )


def shadow(canvas: Image.Image, centre: tuple[float, float], size: tuple[float, float], colour: Rgb) -> None:
    """A soft shadow on the floor."""
    width, height = max(2, round(size[0])), max(2, round(size[1]))
    blur = max(1, height // 3)
    mask = Image.new("L", (width + 4 * blur, height + 4 * blur))
    ImageDraw.Draw(mask).ellipse((2 * blur, 2 * blur, width + 2 * blur, height + 2 * blur), fill=90)
    mask = mask.filter(ImageFilter.GaussianBlur(blur))
    left, top = round(centre[0] - mask.width / 2), round(centre[1] - mask.height / 2)
    canvas.paste(colour, (left, top, left + mask.width, top + mask.height), mask)


def _decorate(canvas: Image.Image, variant: LayoutVariant, picture: Box, palette: Palette, seed: int) -> None:
    """The shape behind the thing and what the seed strews around it, which a stage is cut for: without one
    words stand on the same ground, and nothing is strewn."""
    left, top, width, height = picture
    stage = canvas
    centre = (left + width / 2, top + height / 2)
    if variant.ground == "light":
        stage, centre = canvas.crop((left, top, left + width, top + height)), (width / 2, height / 2)
    short = min(width, height)
    if stage is not canvas:
        _strew(stage, centre, short, palette, seed)
    if variant.shape == "arch":
        side, rise = round(short * 0.88), round(short * 0.9)
        head = round(centre[1] - rise / 2)
        panel(stage, (round(centre[0] - side / 2), head, side, height + side), side / 2, palette.shape)
    else:
        disc(stage, centre, short * 0.46, palette.shape)
    if stage is not canvas:
        canvas.paste(stage, (left, top))


def lay_field(canvas: Image.Image, field: Box, palette: Palette, share: float = 1.0) -> None:
    """A part of the ground in a stronger colour; with a smaller share what is below shows through."""
    left, top, width, height = field
    colours = gradient((width, height), palette.field, palette.field_end, slanted=True)
    canvas.paste(colours, (left, top), Image.new("L", (width, height), round(255 * share)))


def _without_picture(canvas: Image.Image, field: Box, palette: Palette, seed: int) -> None:
    """Behind words alone: a field of a stronger colour, or two large circles that reach in from a corner."""
    if field != NO_PLACE:
        lay_field(canvas, field, palette)
        return
    width, height = canvas.size
    short, below = min(width, height), seed >> 2 & 1
    x, y = width, height if below else 0
    disc(canvas, (x, y), short * 0.72, _mixed(palette.shape, palette.ground_end, 0.34))
    disc(canvas, (x + short * 0.1, y), short * 0.42, _mixed(palette.shape, palette.ground_end, 0.62))


def _strew(stage: Image.Image, centre: tuple[float, float], short: int, palette: Palette, seed: int) -> None:
    """One of four kinds of quiet ornament, where the seed puts it."""
    soft = _mixed(palette.ground, palette.stage_end, 0.5)
    turned = 1 if seed >> 4 & 1 else -1
    x, y = centre
    kind = seed >> 2 & 3
    if kind == 0:
        for times in (0.6, 0.8, 1.02, 1.26):
            ring(stage, centre, short * times, max(1, round(short * 0.01)), soft)
    elif kind == 1:
        disc(stage, (x + turned * short * 0.62, y - short * 0.42), short * 0.3, soft)
        disc(stage, (x - turned * short * 0.66, y + short * 0.46), short * 0.2, soft)
    elif kind == 2:
        step = max(6, round(short * 0.11))
        for across in range(4):
            for down in range(4):
                at = (x + turned * (short * 0.4 + across * step), y - short * 0.44 + down * step)
                disc(stage, at, max(1.0, short * 0.016), soft)
    else:
        disc(stage, (x - turned * short * 0.5, y + short * 0.9), short * 0.8, soft)


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    r, g, b = (round(a * share + b * (1 - share)) for a, b in zip(one, other, strict=True))
    return r, g, b
