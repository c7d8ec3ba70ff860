"""What is wrong with a drawn picture, by its codes."""

from __future__ import annotations

from itertools import combinations
from typing import Final

from models.scene.layouts import Box, layout_of
from models.scene.picture import DrawnPicture
from models.scene.reasons import OVERFLOW, OVERLAP
from models.scene.words.lettering import Edges
from models.scene.words.placing import Placed

_ROUNDING: Final = 1.0
"""Pixels that boxes may be off by: they are fractions, pixels are not."""


def picture_faults(slot: str, picture: DrawnPicture) -> list[str]:
    """Codes of what must not leave; empty = nothing."""
    boxes = [ink_of(each) for each in picture.placed]
    inside = all(is_inside(box, picture.image.size, layout_of(slot).safe) for box in boxes)
    apart = not any(meet(one, other) for one, other in combinations(boxes, 2))
    return [code for code, fine in ((OVERFLOW, inside), (OVERLAP, apart)) if not fine]


def ink_of(placed: Placed) -> Edges:
    """The pixels an element takes: its words as drawn, of a button and a brand the whole box."""
    boxes = [placed.box] if placed.element in ("cta", "brand") else []
    boxes += [placed.ink(line) for line in placed.lines]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def is_inside(box: Edges, size: tuple[int, int], safe: Box) -> bool:
    """Whether it keeps the margins of a picture of this size."""
    (width, height), (left, top, right, bottom) = size, safe
    return (
        box[0] >= left - _ROUNDING
        and box[1] >= top - _ROUNDING
        and box[2] <= width - right + _ROUNDING
        and box[3] <= height - bottom + _ROUNDING
    )


def meet(one: Edges, other: Edges) -> bool:
    """Whether two boxes share pixels."""
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > _ROUNDING
        and min(one[3], other[3]) - max(one[1], other[1]) > _ROUNDING
    )
