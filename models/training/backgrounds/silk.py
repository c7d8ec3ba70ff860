"""Cloth in folds."""

from __future__ import annotations

import numpy as np

from models.background.colouring import Maps
from models.background.smoothing import smooth_step
from models.training.backgrounds.surface import Surface

_HIGH = 0.07
"""Of a fold, in units."""


def silk(canvas: Surface) -> Maps:
    """A surface of warped waves, lit from one side: diffuse light, and a sheen where it mirrors the lamp."""
    turned = canvas.between(0, np.pi)
    along = canvas.x * np.cos(turned) + canvas.y * np.sin(turned)
    across = canvas.y * np.cos(turned) - canvas.x * np.sin(turned)
    warped = along + 0.16 * canvas.waves(across, 0.35, 2) + 0.05 * canvas.waves(along + across, 0.6, 2)
    rate = canvas.between(1.2, 2.6)
    folds = canvas.waves(warped * rate, 0.6, 3) * (0.75 + 0.25 * canvas.waves(across, 0.4, 1))
    slope_y, slope_x = np.gradient(_HIGH * folds, canvas.y[:, 0], canvas.x[0])
    lamp = canvas.between(0, 2 * np.pi)
    facing = (slope_x * np.cos(lamp) + slope_y * np.sin(lamp)) / np.sqrt(1 + slope_x**2 + slope_y**2)
    facing = facing / (2.2 * float(facing.std()) + 0.05)
    sheen = smooth_step((facing - 0.35) / 0.6)
    field = np.clip(0.35 - 0.4 * folds, 0.05, 1)
    if canvas.deep:
        return Maps(field, canvas.flat(), 0.7 * facing + 0.45 * sheen - 0.15)
    return Maps(0.8 * field, canvas.flat(), 0.4 * facing + 0.1 * sheen - 0.2)
