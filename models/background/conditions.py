"""What the model is told of a picture: its mood, whether its ground is dark, and where words will stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.background.smoothing import Map, blurred

MOODS: Final = ("window", "bokeh", "hills", "silk", "paper", "spheres")
"""Kinds of scenes, in the order the model knows them by."""
CODE_WIDTH: Final = len(MOODS) + 2
_STRIDE: Final = 8
"""Sides of maps are multiples of it: the network halves them three times."""
_PIXELS: Final = 48 * 48
_SOFT: Final = 2.0
"""Pixels of a map by which the room around words fades."""
Edges = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`words`: 1 where words stand, 0 far from them."""

    mood: str
    deep: bool
    words: Map

    @property
    def code(self) -> NDArray[np.float32]:
        """Mood and ground as numbers; nothing at all is told as zeros."""
        told = np.zeros(CODE_WIDTH, np.float32)
        told[MOODS.index(self.mood)] = 1.0
        told[len(MOODS) + self.deep] = 1.0
        return told


def map_size(width: int, height: int) -> tuple[int, int]:
    """Height and width of the maps of a picture: about as many pixels for every shape."""
    across = max(3 * _STRIDE, round((_PIXELS * width / height) ** 0.5 / _STRIDE) * _STRIDE)
    down = max(3 * _STRIDE, round((_PIXELS * height / width) ** 0.5 / _STRIDE) * _STRIDE)
    return down, across


def words_map(boxes: Sequence[Edges], picture: tuple[int, int]) -> Map:
    """Where the boxes lie in a picture of this width and height, softly."""
    width, height = picture
    down, across = map_size(width, height)
    taken = np.zeros((down, across))
    for left, top, right, bottom in boxes:
        rows = _covered(top * down / height, bottom * down / height, down)
        columns = _covered(left * across / width, right * across / width, across)
        taken = np.maximum(taken, rows[:, None] * columns)
    return blurred(taken, _SOFT)


def _covered(start: float, end: float, side: int) -> Map:
    """Share of each pixel of a side that lies between two places."""
    at = np.arange(side)
    return np.asarray(np.clip(np.minimum(end, at + 1) - np.maximum(start, at), 0, 1), np.float64)
