"""Colours as people tell them apart: CIELAB under D65, and the nearest of a few names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.scene.colours import Rgb, rgb_of

_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""Of linear sRGB (IEC 61966-2-1)."""
_WHITE: Final = np.array([0.95047, 1.0, 1.08883])
_DARK: Final = 216 / 24389
"""Below it CIE 15 has a straight line for the cube root."""
_SLOPE: Final = 24389 / 27


def lab(pixels: NDArray[np.uint8]) -> FloatArray:
    """L*, a*, b* of sRGB pixels (..., 3)."""
    coded = pixels / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _XYZ.T / _WHITE
    x, y, z = np.moveaxis(np.where(xyz > _DARK, np.cbrt(xyz), (_SLOPE * xyz + 16) / 116), -1, 0)
    return np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), axis=-1).astype(np.float32)


def distance(one: Rgb, others: Iterable[Rgb]) -> float:
    """The least difference (CIE 1976) of a colour from some others; infinity without any."""
    known = list(others)
    if not known:
        return float("inf")
    return float(np.linalg.norm(lab(np.array(known, np.uint8)) - lab(np.array(one, np.uint8)), axis=1).min())


@cache
def names() -> tuple[str, ...]:
    """The names, in the order of every vector of shares."""
    return tuple(_named())


def nearest_name(colours: FloatArray) -> NDArray[np.intp]:
    """Index of the nearest name for CIELAB colours (n, 3)."""
    return np.asarray(np.linalg.norm(colours[:, None] - _places()[None], axis=2).argmin(axis=1), np.intp)


@cache
def _named() -> dict[str, Rgb]:
    table = tomllib.loads((files("models.material") / "colours.toml").read_text("utf-8"))
    return {name: found for name, code in table.items() if (found := rgb_of(code)) is not None}


@cache
def _places() -> FloatArray:
    return lab(np.array(list(_named().values()), np.uint8))
