"""Items that pictures are near to, by encoders that place both in one space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.arrays import FloatArray
from models.catalog.fit import LEAST_FIT
from models.catalog.space.basis import embedded, fit_basis
from models.catalog.space.encoder import TextEncoder
from models.item import Item

MOST_NEAR: Final = 20
LEAST_SHARE: Final = 0.05
_SCALE: Final = 100.0
"""Of the softmax over cosines (Radford et al. 2021, CLIP)."""


def near_by_words(
    captions: Sequence[str], items: Sequence[Item], encoder: TextEncoder
) -> list[dict[str, float]]:
    """For each caption the items that have to do with it, in the space of a catalogue of `items` (at least
    one) by `encoder`."""
    basis, vectors = fit_basis(items, encoder)
    said = [Item("", each, "", "") for each in captions]
    cosines = embedded(basis, said, encoder) @ vectors.T
    return [
        _most(row, items, LEAST_FIT) if text.strip() else {}
        for row, text in zip(cosines, captions, strict=True)
    ]


def near_by_sight(pictures: FloatArray, texts: FloatArray, items: Sequence[Item]) -> list[dict[str, float]]:
    """For each picture (n, e) the items whose texts (items, e) an image encoder finds in it, as shares."""
    logits = _SCALE * pictures @ texts.T
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    return [_most(row / row.sum(), items, LEAST_SHARE) for row in chances]


def both(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    """The larger of each, the nearest `MOST_NEAR`."""
    known = {each: max(one.get(each, 0.0), other.get(each, 0.0)) for each in {**one, **other}}
    return dict(sorted(known.items(), key=lambda each: (-each[1], each[0]))[:MOST_NEAR])


def _most(row: FloatArray, items: Sequence[Item], least: float) -> dict[str, float]:
    order = [int(n) for n in np.argsort(-row, kind="stable")[:MOST_NEAR] if row[n] >= least]
    return {items[n].item_id: round(min(1.0, float(row[n])), 4) for n in order}
