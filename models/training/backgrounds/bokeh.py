"""Lights far behind what a lens is focused on: circles of confusion."""

from __future__ import annotations

import numpy as np

from models.background.colouring import Maps
from models.training.backgrounds.surface import Surface

_APERTURE = 0.16


def bokeh(canvas: Surface) -> Maps:
    """The nearer to infinity, the larger and fainter; rims are brighter, as lenses make them."""
    field = 0.12 + 0.25 * canvas.y / canvas.height + 0.1 * canvas.waves(canvas.x, 0.4, 2)
    accent, light = canvas.flat(), canvas.flat(-0.3 if canvas.deep else -0.08)
    light = light + 0.2 * canvas.waves(canvas.x + canvas.y, 0.3, 2)
    count = int(canvas.rng.integers(14, 34) * canvas.width * canvas.height)
    for _ in range(max(6, count)):
        x, y = canvas.roomy(3)
        away = canvas.between(0.25, 1.0)
        radius = _APERTURE * away * canvas.between(0.7, 1.2)
        shape = canvas.disc(x, y, radius, 0.018 + 0.03 * away)
        rim = np.hypot(canvas.x - x, canvas.y - y) / radius
        shape = shape * (0.72 + 0.28 * np.clip(rim, 0, 1) ** 4) * (1.15 - 0.6 * away)
        shape = shape * canvas.between(0.25, 0.8) * max(0.0, 1 - 1.5 * canvas.taken(shape))
        tinted = canvas.rng.random() < 0.45
        accent = np.maximum(accent, shape * (0.75 if canvas.deep else 0.4)) if tinted else accent
        field = field + (0 if tinted else (0.5 if canvas.deep else 0.65) * shape)
        light = light + (0.75 * shape if canvas.deep else 0.12 * shape)
    return Maps(field, accent, light)
