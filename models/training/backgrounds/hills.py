"""Ridges behind each other in haze, the sun above."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.background.colouring import Maps
from models.training.backgrounds.surface import Surface

_MOST_TAKEN: Final = 0.2
"""Share of the sun's surroundings behind words: with more there is no sun."""


def hills(canvas: Surface) -> Maps:
    """Far ridges are nearly the sky, near ones have the colour of the field; haze lies at their feet."""
    x, _ = canvas.roomy()
    first = canvas.height * canvas.between(0.3, 0.6)
    y = first - canvas.between(-0.05, 0.2)
    away = np.hypot(canvas.x - x, canvas.y - y)
    sun = canvas.disc(x, y, canvas.between(0.07, 0.15), 0.03)
    glow = np.exp(-((away / canvas.between(0.3, 0.6)) ** 2))
    seen = canvas.taken(canvas.disc(x, y, 0.25, 0.1)) < _MOST_TAKEN
    accent = np.maximum(0.8 * seen * sun, (0.05 if canvas.deep else 0.2) * glow)
    field = 0.18 * canvas.y / canvas.height
    light = (0.55 if canvas.deep else 0.05) * glow - 0.12
    count = int(canvas.rng.integers(3, 7))
    steep = canvas.between(0.03, 0.1) * min(1.0, canvas.height)
    rounded = canvas.between(0.25, 0.7)
    for number in range(count):
        nearness = (number + 1) / count
        ridge = first + (canvas.height * 1.02 - first) * (number / count) ** 0.9
        ridge_line = ridge - steep * (0.6 + nearness) * canvas.waves(canvas.x, rounded, 4)
        below = canvas.y - ridge_line
        cover = canvas.above(below, 0.012 + 0.03 * nearness**3)
        haze = np.clip(below / 0.25, 0, 1) * 0.22 * (1 - 0.5 * nearness)
        layer = 0.22 + 0.72 * nearness - haze
        dark = -0.1 - (0.5 if canvas.deep else 0.3) * nearness
        field = field * (1 - cover) + layer * cover
        light = light * (1 - cover) + (dark + 0.5 * haze + 0.25 * glow * (1 - nearness)) * cover
        accent = accent * (1 - cover)
    return Maps(field, accent, light)
