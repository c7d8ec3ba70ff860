"""Where a block of words of known size stands in its area: one below the other, or side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from models.scene.layouts import Area, Box, Element
from models.scene.words.lettering import Edges, Lettering

PAD_X: Final = 0.95
PAD_Y: Final = 0.55
"""Room around the words of a button, in sizes of type."""
MARK: Final = 1.3
"""Side of a brand's mark, in sizes of type."""
MARK_GAP: Final = 0.45


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """`x` is the left end of the line (the right one of a right-to-left text), `baseline` its y."""

    text: str
    x: float
    baseline: float
    width: float


@dataclass(frozen=True, slots=True)
class Placed:
    """One element in its place; `box` holds padding and mark too."""

    element: Element
    lines: tuple[PlacedLine, ...]
    lettering: Lettering
    pixels: int
    box: Edges
    rtl: bool

    def ink(self, line: PlacedLine) -> Edges:
        """What a line's letters take."""
        left, top, right, bottom = self.lettering.ink(line.text, self.pixels, self.rtl)
        return line.x + left, line.baseline + top, line.x + right, line.baseline + bottom


@dataclass(frozen=True, slots=True)
class SizedElement:
    """An element at one size, not yet in its place."""

    element: Element
    lines: Sequence[tuple[str, float]]
    lettering: Lettering
    pixels: int
    line_height: float
    width: float
    height: float
    rtl: bool
    around: float


def in_column(blocks: Sequence[SizedElement], area: Area, box: Box, mirrored: bool) -> Iterator[Placed]:
    """One below the other."""
    left, top, width, height = box
    free = height - sum(each.height for each in blocks) - area.gap * (len(blocks) - 1)
    y = top + {"top": 0.0, "middle": free / 2, "bottom": float(free)}[area.anchor]
    for block in blocks:
        spare = width - block.width
        at_end = mirrored != (area.align == "end")
        shift = spare / 2 if area.align == "center" else spare if at_end else 0.0
        yield _placed(block, left + shift, y)
        y += block.height + area.gap


def in_row(blocks: Sequence[SizedElement], area: Area, box: Box, mirrored: bool) -> Iterator[Placed]:
    """Side by side."""
    left, top, width, height = box
    used = sum(each.width for each in blocks)
    gap = float(area.gap)
    if area.align == "start" and len(blocks) > 1:
        gap = (width - used) / (len(blocks) - 1)
    spare = width - used - gap * (len(blocks) - 1)
    x = left + (spare if (area.align == "end") != mirrored else 0.0)
    for block in reversed(blocks) if mirrored else blocks:
        yield _placed(block, x, top + (height - block.height) / 2)
        x += block.width + gap


def _placed(block: SizedElement, left: float, top: float) -> Placed:
    size = block.pixels
    ascent, descent = block.lettering.ascent_descent(size)
    inside_left, inside_right = left, left + block.width
    inside_top = top + (block.height - block.line_height * len(block.lines)) / 2
    if block.element == "cta":
        inside_left, inside_right = left + PAD_X * size, left + block.width - PAD_X * size
    elif block.element == "brand" and block.rtl:
        inside_right -= block.around
    elif block.element == "brand":
        inside_left += block.around
    first = inside_top + (block.line_height - ascent - descent) / 2 + ascent
    lines = tuple(
        PlacedLine(text, inside_right if block.rtl else inside_left, first + at * block.line_height, width)
        for at, (text, width) in enumerate(block.lines)
    )
    box = (left, top, left + block.width, top + block.height)
    return Placed(block.element, lines, block.lettering, size, box, block.rtl)
