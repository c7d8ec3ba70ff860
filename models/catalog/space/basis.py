"""The frozen basis of one catalogue version: from an item's text to its unit vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xxhash
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.catalog.space.blend import blended
from models.catalog.space.coclicks import CoClicks
from models.catalog.space.encoder import TextEncoder
from models.catalog.space.looks import beside, without_looks
from models.item import Item

DIM: Final = 64
"""Dimensions of interest space."""
MIN_ENCODED: Final = 0.02
MIN_PLACED: Final = 1e-4
"""Below these lengths an item shares nothing with the basis: what is left of it is the mean, with its sign
turned."""


@dataclass(frozen=True, eq=False)
class Basis:
    """What turned texts into vectors when the version was made, kept so that later items land in the same
    space.

    vector = unit((encode(text) - mean) @ projection). `encoder` names the encoder; `weights` are the built-in
    one's arrays, empty for an ONNX file. Where the version knows what items look like, the mean is wider
    than what the encoder makes (models/catalog/space/looks.py).
    """

    encoder: str
    weights: Mapping[str, NDArray[Any]]
    mean: FloatArray  # (e,) mean of the encoder's vectors
    projection: FloatArray  # (e, DIM)


def item_text_of(item: Item) -> str:
    """What an encoder reads of an item."""
    return " ".join((item.title, item.noun, *item.categories, item.text))


def fit_basis(
    items: Sequence[Item],
    encoder: TextEncoder,
    coclicks: CoClicks | None = None,
    looks: FloatArray | None = None,
) -> tuple[Basis, FloatArray]:
    """The basis of `items` (at least one) and their unit vectors in it, (n, DIM): of their texts, or of texts
    and co-clicks (models/catalog/space/blend.py), with what they look like (n, p) where that is known."""
    said = encoder([item_text_of(item) for item in items])  # (n, e)
    encoded = said if looks is None else beside(said, looks)
    silent = _silent(said) if looks is None else _silent(said) & ~looks.any(axis=1)
    if coclicks is None:
        basis = Basis(encoder.name, encoder.weights, *_directions(encoded))
        return basis, _placed(basis, items, encoded, silent)
    mean, projection, placed = blended(encoded, coclicks, DIM)
    basis = Basis(encoder.name, encoder.weights, mean, projection)
    of_text = _placed(basis, items, encoded, silent)
    return basis, np.where(placed.any(axis=1, keepdims=True), placed, of_text)


def _directions(encoded: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(mean, leading principal directions (e, DIM), zero beyond their number) of texts (n, e)."""
    mean = encoded.mean(axis=0)
    # Removing the mean takes away what all items share; encoders are anisotropic (Mu and Viswanath 2018,
    # arXiv 1702.01417).
    centred = (encoded - mean).astype(np.float64)
    eigenvalues, directions = np.linalg.eigh(centred.T @ centred)  # ascending
    leading = directions[:, ::-1][:, :DIM]
    leading = leading * np.where(
        leading[np.abs(leading).argmax(axis=0), np.arange(leading.shape[1])] < 0, -1, 1
    )
    projection = np.zeros((len(mean), DIM), np.float32)
    projection[:, : leading.shape[1]] = leading * (eigenvalues[::-1][:DIM] > 1e-9)
    return mean, projection


def embedded(basis: Basis, items: Sequence[Item], encoder: TextEncoder) -> FloatArray:
    """Unit vectors of `items` in an existing basis, (n, DIM). Raises ValueError when `encoder` is not the one
    the basis was made with."""
    if encoder.name != basis.encoder:
        raise ValueError(f"the basis was made with encoder {basis.encoder}, not {encoder.name}")
    said = encoder([item_text_of(item) for item in items])
    return _placed(basis, items, without_looks(said, basis.mean), _silent(said))


def _silent(said: FloatArray) -> NDArray[np.bool_]:
    return np.asarray(np.linalg.norm(said, axis=1) < MIN_ENCODED)


def _placed(
    basis: Basis, items: Sequence[Item], encoded: FloatArray, silent: NDArray[np.bool_]
) -> FloatArray:
    """Unit rows. An item that shares nothing with the basis gets a direction of its own, so that nothing is
    near it by accident."""
    vectors = (encoded - basis.mean) @ basis.projection
    norms = np.linalg.norm(vectors, axis=1)
    strange = silent | (norms < MIN_PLACED)
    for row in np.flatnonzero(strange).tolist():
        seed = xxhash.xxh3_64_intdigest(items[row].item_id.encode())
        vectors[row] = np.random.default_rng(seed).standard_normal(DIM)
        norms[row] = np.linalg.norm(vectors[row])
    return np.ascontiguousarray(vectors / norms[:, None], np.float32)
