"""A catalogue whose market is new starts from another's: the same space of texts, the same interests, and
what was learnt there of how interests go together and which things are popular."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.catalog.clusters import nearest_centroid
from models.catalog.complements import Complements, renumbered
from models.catalog.fitting import code_map_from, rotation_from
from models.catalog.popularity import of_rows
from models.catalog.prices import fit_cuts, price_z
from models.catalog.space.basis import embedded
from models.catalog.space.encoder import TextEncoder
from models.catalog.version import Catalog
from models.item import Item

ALIKE: Final = 10
"""Items of the other catalogue that say how popular one is."""
_SHARPNESS: Final = 0.1
"""Temperature of their weights by likeness."""
_BLOCK: Final = 4_096


def transferred(
    items: Sequence[Item],
    other: Catalog,
    encoder: TextEncoder,
    category_of: Mapping[str, str],
    previous: Catalog | None = None,
) -> Catalog:
    """A version of `items` (at least one) in the space of `other`, whose encoder `encoder` is; the one after
    `previous` where there is one.

    `category_of`: category of these items -> that of the other catalogue which speaks of the same; those
    items take the interest that most of its items have, all others the nearest one. An item of the same id
    has the vector that it has there. Prices are compared within these items. Raises ValueError for another
    encoder.
    """
    vectors = embedded(other.basis, items, encoder)
    for row, item in enumerate(items):
        known = other.index.get(item.item_id)
        if known is not None:
            vectors[row] = other.vectors[known]
    codes = nearest_centroid(vectors, other.centroids).astype(np.int16)
    code_of = _code_of_category(other)
    for row, item in enumerate(items):
        codes[row] = code_of.get(category_of.get(item.category, item.category), codes[row])
    cuts = fit_cuts(items, codes)
    sold_together = _complements_of(items, other)
    return replace(
        other,
        version=1 if previous is None else previous.version + 1,
        previous=0 if previous is None else previous.version,
        rotation=rotation_from(previous, items, vectors),
        code_map=code_map_from(previous, items, codes),
        items=tuple(items),
        vectors=vectors,
        codes=codes,
        price_z=price_z(cuts, items, codes),
        price_cuts=cuts,
        fitted_items=len(items),
        popularity=popularity_alike(vectors, other),
        complements=sold_together.rows,
        complement_shares=sold_together.shares,
    )


def popularity_alike(vectors: FloatArray, other: Catalog) -> FloatArray:
    """Of items at unit `vectors` (n, d) in the other's space: mean popularity of the ALIKE nearest items
    there, the nearer the heavier; none where nothing is known of the other's. (n,)"""
    if not len(other.popularity):
        return np.zeros(0, np.float32)
    popular = of_rows(other.popularity, len(other.items))
    found = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _BLOCK):
        likeness = vectors[start : start + _BLOCK] @ other.vectors.T
        near = np.argpartition(-likeness, min(ALIKE, likeness.shape[1]) - 1, axis=1)[:, :ALIKE]
        weights = np.exp((np.take_along_axis(likeness, near, axis=1) - 1) / _SHARPNESS)
        found[start : start + _BLOCK] = (popular[near] * weights).sum(axis=1) / weights.sum(axis=1)
    return found


def _complements_of(items: Sequence[Item], other: Catalog) -> Complements:
    """What goes with what, of those items that both markets sell."""
    theirs = Complements(other.complements, other.complement_shares)
    return renumbered(theirs, [other.index.get(item.item_id) for item in items])


def _code_of_category(other: Catalog) -> dict[str, int]:
    """The interest that most items of each category have, the lowest of equals."""
    rows: dict[str, list[int]] = {}
    for row, item in enumerate(other.items):
        if item.category:
            rows.setdefault(item.category, []).append(row)
    return {name: _commonest(other.codes[of]) for name, of in rows.items()}


def _commonest(codes: NDArray[np.int16]) -> int:
    return int(np.argmax(np.bincount(codes)))
