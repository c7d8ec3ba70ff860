"""Items of which it is known what they look like."""

from __future__ import annotations

import numpy as np

from models.arrays import FloatArray
from models.catalog.fitting import extended, refitted
from models.catalog.space.basis import embedded, fit_basis, item_text_of
from models.catalog.space.encoder import HashedEncoder, fit_encoder
from models.item import Item

ITEMS = [Item(f"i{n}", f"plain cotton shirt number {n}", "", "shirt", ("shirts",)) for n in range(12)]


def _looks() -> FloatArray:
    """Items look one of two ways; of the last two nobody knows."""
    looks = np.zeros((12, 4), np.float32)
    looks[np.arange(10), np.arange(10) % 2] = 1
    return looks


def _encoder() -> HashedEncoder:
    return fit_encoder([item_text_of(each) for each in ITEMS], seed=0)


def _gap(vectors: FloatArray) -> float:
    """How much nearer the first item is to those that look like it than to the others."""
    near = np.mean([vectors[0] @ vectors[n] for n in (2, 4, 6, 8)])
    far = np.mean([vectors[0] @ vectors[n] for n in (1, 3, 5, 7, 9)])
    return float(near - far)


def test_items_that_look_alike_come_nearer() -> None:
    _, plain = fit_basis(ITEMS, _encoder())
    _, seen = fit_basis(ITEMS, _encoder(), looks=_looks())
    assert seen.shape == plain.shape
    assert _gap(seen) > _gap(plain) + 0.3
    assert np.allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-5)


def test_without_looks_nothing_changes() -> None:
    _, plain = fit_basis(ITEMS, _encoder())
    _, unseen = fit_basis(ITEMS, _encoder(), looks=np.zeros((12, 4), np.float32))
    assert np.allclose(plain @ plain.T, unseen @ unseen.T, atol=1e-4)


def test_a_later_item_joins_by_its_text_alone() -> None:
    encoder = _encoder()
    catalog = refitted(ITEMS, encoder, looks=_looks())
    later = Item("i99", "plain cotton shirt number 11", "", "shirt", ("shirts",))
    more = extended(catalog, {"i99": later}, encoder)
    assert more.vectors.shape == (13, catalog.vectors.shape[1])
    assert np.allclose(more.vectors[12], embedded(catalog.basis, [later], encoder)[0])
    assert float(more.vectors[12] @ catalog.vectors[11]) > 0.99
