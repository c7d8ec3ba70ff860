"""Sheets of cut paper over each other, with the shadows they cast."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.background.colouring import Maps
from models.training.backgrounds.surface import Surface

_MOST_TAKEN: Final = 0.1
"""Share of a sheet behind words: with more it has no strong colour."""


def paper(canvas: Surface) -> Maps:
    """From a corner with few words, the uppermost sheet nearest to it."""
    x, y = _corner(canvas)
    away = np.hypot(canvas.x - x, (canvas.y - y) * canvas.between(0.8, 1.4))
    inwards = np.arctan2(canvas.height / 2 - y, canvas.width / 2 - x)
    turn = np.angle(np.exp(1j * (np.arctan2(canvas.y - y, canvas.x - x) - inwards)))
    count = int(canvas.rng.integers(3, 6))
    reach = canvas.between(0.55, 0.95) * min(1.0, (canvas.width + canvas.height) / 2)
    tinted = int(canvas.rng.integers(0, count + 1))
    field, accent = 0.1 * canvas.y / canvas.height, canvas.flat()
    light = canvas.flat() - 0.04
    lamp = canvas.between(0, 2 * np.pi)
    drop = canvas.between(0.02, 0.05)
    for number in range(count):
        edge = reach * (1 - number / count) * (1 + 0.16 * canvas.waves(turn / np.pi, 0.7, 3))
        cover = canvas.above(edge - away, 0.014)
        shifted = edge - np.hypot(canvas.x - x - drop * np.cos(lamp), canvas.y - y - drop * np.sin(lamp))
        shadow = canvas.soft(canvas.above(shifted, 0.03), drop)
        light = light - (0.55 if canvas.deep else 0.38) * shadow * (1 - cover)
        tint = 0.75 * (number == tinted and canvas.taken(cover) < _MOST_TAKEN)
        sheet = 0.3 + 0.65 * (number + 1) / count
        field = field * (1 - cover) + sheet * cover
        accent = accent * (1 - cover) + tint * cover
        lit = (0.22 if canvas.deep else 0.0) + 0.15 * (away / max(reach, 0.1) - 0.5)
        light = light * (1 - cover) + lit * cover
    return Maps(field, accent, light)


def _corner(canvas: Surface) -> tuple[float, float]:
    """One of four, or the middle of a side, just outside."""
    down, across = canvas.words.shape
    places = [(x, y) for x in (0.0, 1.0) for y in (0.0, 1.0)] + [(1.0, 0.5), (0.5, 1.0)]

    def taken(at: tuple[float, float]) -> float:
        top, left = (round(share * side * 0.6) for share, side in zip(at[::-1], (down, across), strict=True))
        part = canvas.words[top : top + round(down * 0.4), left : left + round(across * 0.4)]
        return float(part.mean()) + canvas.between(0, 0.15)

    x, y = min(places, key=taken)
    return x * canvas.width, y * canvas.height
