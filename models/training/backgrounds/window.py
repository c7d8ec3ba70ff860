"""A wall that the sun reaches through panes and leaves."""

from __future__ import annotations

import numpy as np

from models.background.colouring import Maps
from models.background.smoothing import Map
from models.training.backgrounds.surface import Surface


def window(canvas: Surface) -> Maps:
    """Panes lie askew on the wall, the farther the softer, behind the shadow of a branch."""
    x, y = canvas.roomy()
    light = _panes(canvas, x, y) * (1 - canvas.between(0.5, 0.9) * _branch(canvas, x, y))
    light = canvas.soft(light, canvas.between(0.008, 0.03))
    sky = (canvas.x / canvas.width * canvas.between(-1, 1) + canvas.y / canvas.height) / 2
    if canvas.deep:
        return Maps(0.12 + 0.2 * sky + 0.6 * light, 0.05 * light, -0.2 + 0.9 * light - 0.2 * sky)
    return Maps(0.5 + 0.15 * sky - 0.5 * light, canvas.flat(), -0.1 + 0.1 * light - 0.04 * sky)


def _panes(canvas: Surface, x: float, y: float) -> Map:
    lean, tilt = canvas.between(-0.7, 0.7), canvas.between(-0.25, 0.25)
    u = canvas.x - x + lean * (canvas.y - y)
    v = canvas.y - y + tilt * (canvas.x - x)
    across, down = int(canvas.rng.integers(1, 4)), int(canvas.rng.integers(2, 5))
    wide, tall = canvas.between(0.18, 0.34), canvas.between(0.16, 0.3)
    bar, penumbra = canvas.between(0.02, 0.05), canvas.between(0.03, 0.06)
    told = canvas.flat()
    for column in range(across):
        for row in range(down):
            beside = np.abs(u - (column - (across - 1) / 2) * (wide + bar))
            below = np.abs(v - (row - (down - 1) / 2) * (tall + bar))
            told += canvas.above(wide / 2 - beside, penumbra) * canvas.above(tall / 2 - below, penumbra)
    return np.clip(told, 0, 1)


def _branch(canvas: Surface, x: float, y: float) -> Map:
    """A stem with leaves on both sides, out of focus."""
    told = canvas.flat()
    if canvas.rng.random() < 0.25:
        return told
    heading, bend = canvas.between(0, 2 * np.pi), canvas.between(-1.4, 1.4)
    length, edge = canvas.between(0.06, 0.13), canvas.between(0.02, 0.05)
    x, y = x - 0.45 * np.cos(heading), y - 0.45 * np.sin(heading)
    for number in range(int(canvas.rng.integers(7, 15))):
        heading += bend * 0.1
        x, y = x + 0.075 * np.cos(heading), y + 0.075 * np.sin(heading)
        turned = heading + (0.9 if number % 2 else -0.9)
        middle_x, middle_y = x + length * np.cos(turned), y + length * np.sin(turned)
        along = (canvas.x - middle_x) * np.cos(turned) + (canvas.y - middle_y) * np.sin(turned)
        beside = (canvas.y - middle_y) * np.cos(turned) - (canvas.x - middle_x) * np.sin(turned)
        leaf = length * 0.32 * (1 - (along / length) ** 2) - np.abs(beside)
        told = np.maximum(told, canvas.above(np.where(np.abs(along) < length, leaf, -1.0), edge))
    return told
