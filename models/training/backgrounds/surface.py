"""The canvas of a scene: where its pixels lie, what is smooth on it, and where there is room beside words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from models.background.smoothing import Map, blurred, smooth_step

_AROUND: Final = 0.18
"""Units around a place that count when it is asked whether there is room."""


@dataclass(frozen=True)
class Surface:
    """`x` and `y` of each pixel in units: one unit is about the side of a square of the canvas's area;
    `words`: 1 where words stand; `deep`: whether the ground is dark."""

    x: Map
    y: Map
    words: Map
    deep: bool
    rng: np.random.Generator

    @classmethod
    def of(cls, words: Map, size: tuple[int, int], deep: bool, rng: np.random.Generator) -> Surface:
        """The canvas of a map of words in a picture of this width and height."""
        (down, across), (width, height) = words.shape, size
        unit = min((width * height) ** 0.5, 2.0 * min(size))
        y, x = np.mgrid[0:down, 0:across] + 0.5
        return cls(x / across * width / unit, y / down * height / unit, words, deep, rng)

    @property
    def width(self) -> float:
        return float(self.x[0, -1] + self.x[0, 0])

    @property
    def height(self) -> float:
        return float(self.y[-1, 0] + self.y[0, 0])

    @property
    def pixel(self) -> float:
        """Units, of a side."""
        return float(self.x[0, 0] + self.y[0, 0])

    def between(self, least: float, most: float) -> float:
        """A random number."""
        return float(self.rng.uniform(least, most))

    def flat(self, value: float = 0.0) -> Map:
        """The same everywhere."""
        return np.full(self.x.shape, value)

    def soft(self, values: Map, deviation: float) -> Map:
        """Blurred by so many units."""
        return blurred(values, deviation / self.pixel)

    def disc(self, x: float, y: float, radius: float, edge: float) -> Map:
        """1 inside, 0 outside, with an edge so many units wide."""
        return smooth_step((radius - np.hypot(self.x - x, self.y - y)) / max(edge, self.pixel) + 0.5)

    def above(self, values: Map, edge: float) -> Map:
        """1 where values are above 0, with an edge so many units wide."""
        return smooth_step(values / max(edge, self.pixel) + 0.5)

    def waves(self, along: Map, slowest: float, count: int) -> Map:
        """A smooth random line: waves of falling height from `slowest` per unit on, within about -1 to 1."""
        told = np.zeros_like(along)
        for k in range(count):
            rate = slowest * 1.9**k * self.between(0.8, 1.2)
            told += np.sin(2 * np.pi * (rate * along + self.between(0, 1))) / 1.8**k
        return told / 1.8

    def roomy(self, tries: int = 24) -> tuple[float, float]:
        """A place with few words around."""
        places = [(self.between(0.02, 0.98), self.between(0.05, 0.95)) for _ in range(tries)]
        down, across = self.words.shape
        x, y = min(places, key=lambda at: self._around[int(at[1] * down), int(at[0] * across)])
        return x * self.width, y * self.height

    def taken(self, shape: Map) -> float:
        """Share of a shape that lies behind words."""
        return float((shape * self.words).sum() / max(1e-6, float(shape.sum())))

    @cached_property
    def _around(self) -> Map:
        return self.soft(self.words, _AROUND)
