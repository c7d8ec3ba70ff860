"""Features of one picture: size, named palette, texture, shape, perceptual hash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.arrays import FloatArray
from models.material.hashes import difference_hash
from models.material.lab import lab, names, nearest_name
from models.scene.photo import Photo

LOOKED_AT: Final = 96
"""Pixels of the longer side at which colours and edges are read: detail below it is grain."""
MOST_NAMED: Final = 5
LEAST_SHARE: Final = 0.05
"""Share of the thing that a colour takes to be named."""
DIRECTIONS: Final = 9
CELLS: Final = 3
"""Orientations, in cells a side (Dalal and Triggs 2005, "Histograms of oriented gradients")."""
_STEPS: Final = np.array([0, 2, 5, 10, 20, 35, 60, 100, np.inf])
"""Borders of gradient lengths, in grey levels a pixel."""
_APART: Final = 24
"""Grey levels that the thing differs by from the even ground of a packshot."""


@dataclass(frozen=True, slots=True)
class Named:
    """One colour of a palette: its name, the mean of its pixels, its share of the thing."""

    name: str
    colour: str  # #rrggbb
    share: float


@dataclass(frozen=True, eq=False)
class PictureFeatures:
    """`aspect`: width in heights, `texture_energy`: mean gradient within the thing, `fill`: its
    share of the picture; `dhash`: 64 bits as hex."""

    width: int
    height: int
    aspect: float
    palette: tuple[Named, ...]
    texture_energy: float
    fill: float
    dhash: str
    colour: FloatArray  # shares of the names
    texture: FloatArray  # shares of gradient lengths
    shape: FloatArray  # orientations by cell, then aspect and fill of the thing


def picture_features_of(photo: Photo) -> PictureFeatures:
    """Of a picture that was read by `models.scene.photo.read_photo`; those of a packshot are of the thing
    alone."""
    width, height = photo.image.size
    small = photo.image.copy()
    small.thumbnail((LOOKED_AT, LOOKED_AT), Image.Resampling.BOX)
    pixels = np.asarray(small.convert("RGB"))
    thing = _thing(pixels, photo)
    length, turn = _gradients(np.asarray(small.convert("L"), np.float32))
    shares, palette = _colours(pixels[thing])
    grain = length[_within(thing)]
    fill = float(thing.mean())
    return PictureFeatures(
        width,
        height,
        round(width / height, 4),
        palette,
        round(float(grain.mean()), 4),
        round(fill, 4),
        difference_hash(photo.image),
        shares,
        _shares(np.histogram(grain, _STEPS)[0]),
        _shape(length, turn, thing, fill),
    )


def _thing(pixels: NDArray[np.uint8], photo: Photo) -> NDArray[np.bool_]:
    """Where the thing is: everywhere, unless it stands on an even ground."""
    whole = np.ones(pixels.shape[:2], bool)
    if photo.ground is None:
        return whole
    differs = (np.abs(pixels.astype(np.int16) - np.array(photo.ground)) > _APART).any(axis=2)
    return differs if differs.any() else whole


def _within(thing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The thing without its outline, which is no texture."""
    padded = np.pad(thing, 1, mode="edge")
    inner = padded[1:-1, 1:-1] & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return inner if inner.any() else thing


def _colours(pixels: NDArray[np.uint8]) -> tuple[FloatArray, tuple[Named, ...]]:
    at = nearest_name(lab(pixels))
    shares = _shares(np.bincount(at, minlength=len(names())))
    kept = [int(n) for n in np.argsort(-shares, kind="stable")[:MOST_NAMED] if shares[n] >= LEAST_SHARE]
    return shares, tuple(
        Named(names()[n], _hex(pixels[at == n].mean(axis=0)), round(float(shares[n]), 4)) for n in kept
    )


def _hex(mean: NDArray[np.floating]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*np.rint(mean).astype(int))


def _gradients(grey: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Length and direction (0 to pi, without sign) of the gradient at each pixel."""
    padded = np.pad(grey, 1, mode="edge")
    across = (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2
    down = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2
    return np.hypot(across, down), np.arctan2(down, across) % np.float32(np.pi)


def _shape(length: FloatArray, turn: FloatArray, thing: NDArray[np.bool_], fill: float) -> FloatArray:
    rows, columns = np.flatnonzero(thing.any(axis=1)), np.flatnonzero(thing.any(axis=0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    length, turn = length[box], turn[box]
    down, across = (
        np.minimum(np.arange(side) * CELLS // side, CELLS - 1) for side in length.shape
    )  # of each row and column its cell
    cell = down[:, None] * CELLS + across[None]
    step = np.minimum((turn / np.pi * DIRECTIONS).astype(int), DIRECTIONS - 1)
    found = np.bincount((cell * DIRECTIONS + step).ravel(), length.ravel(), CELLS * CELLS * DIRECTIONS)
    aspect = length.shape[1] / (length.shape[0] + length.shape[1])
    return np.append(_shares(found), [aspect, fill]).astype(np.float32)


def _shares(counted: NDArray[np.generic]) -> FloatArray:
    total = counted.sum()
    return (counted / total if total else counted).astype(np.float32)
