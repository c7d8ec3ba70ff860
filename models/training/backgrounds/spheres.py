"""Matt balls on a floor before a wall, under a large lamp."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.background.colouring import Maps
from models.background.smoothing import Map
from models.training.backgrounds.surface import Surface

_MOST_TAKEN: Final = 0.12
"""Share of a ball behind words: with more it is left out."""


def spheres(canvas: Surface) -> Maps:
    """Each is lit from the side of the lamp and casts a soft shadow; wall turns into floor without an
    edge."""
    lamp = canvas.between(-1, 1)
    pool = np.exp(-(((canvas.x - canvas.width * (0.5 + 0.4 * lamp)) / 0.9) ** 2) - (canvas.y / 1.2) ** 2)
    floor = canvas.above(canvas.y - canvas.height * canvas.between(0.6, 0.8), 0.3)
    field = 0.22 - 0.12 * pool + 0.3 * floor
    accent = canvas.flat()
    light = ((0.55 * pool - 0.3) if canvas.deep else (0.25 * pool - 0.25)) - 0.06 * floor
    balls = [(*canvas.roomy(12), canvas.between(0.05, 0.2)) for _ in range(int(canvas.rng.integers(4, 9)))]
    for x, y, radius in sorted(balls, key=lambda each: each[1] + each[2]):
        cover = canvas.disc(x, y, radius, 0.014)
        if canvas.taken(cover) > _MOST_TAKEN:
            continue
        shadow = _shadow(canvas, x - 0.7 * lamp * radius, y + 0.95 * radius, radius)
        light = light - (0.7 if canvas.deep else 0.5) * shadow
        shade = _shade(canvas, x, y, radius, lamp)
        tinted = canvas.rng.random() < 0.5
        field = field * (1 - cover) + canvas.between(0.3, 1.0) * cover
        accent = accent * (1 - cover) + (0.85 if tinted else 0.0) * cover
        lit = -0.55 + 1.3 * shade if canvas.deep else -0.6 + 0.65 * shade
        light = light * (1 - cover) + lit * cover
    return Maps(field, accent, light)


def _shade(canvas: Surface, x: float, y: float, radius: float, lamp: float) -> Map:
    """Light on a ball: of the lamp above on one side, wrapped around as a large one does, and a little from
    the floor."""
    right, down = (canvas.x - x) / radius, (canvas.y - y) / radius
    facing = np.sqrt(np.clip(1 - right**2 - down**2, 0, 1))
    towards = np.array([0.6 * lamp, -0.7, 0.6])
    towards /= np.linalg.norm(towards)
    wrapped = (right * towards[0] + down * towards[1] + facing * towards[2] + 0.35) / 1.35
    bounced = 0.12 * np.clip(down, 0, 1)
    return np.asarray(np.clip(wrapped, 0, 1) + bounced, np.float64)


def _shadow(canvas: Surface, x: float, y: float, radius: float) -> Map:
    flat = np.hypot((canvas.x - x) / 1.1, (canvas.y - y) / 0.32)
    return canvas.soft(canvas.above(radius - flat, 0.04), 0.28 * radius)
