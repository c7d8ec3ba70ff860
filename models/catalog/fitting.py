"""How a catalogue version comes about: fitted on all items, or the current one with items added, changed and
removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.catalog import codes as interests
from models.catalog.clusters import k_means, means, nearest_centroid
from models.catalog.codes import MOST_CODES
from models.catalog.granularity import NUMBERS, sampled_positives, told_apart
from models.catalog.prices import fit_cuts, price_z
from models.catalog.space.basis import Basis, embedded, fit_basis, item_text_of
from models.catalog.space.blend import UNSEEN
from models.catalog.space.coclicks import LEAST_POSITIVES, OrderedPositives, fit_coclicks
from models.catalog.space.encoder import TextEncoder
from models.catalog.version import Catalog
from models.interest.detector.shift import DetectorSettings
from models.item import Item

SEGMENTS: Final = 32
"""Most interest segments."""
FIT_SEED: Final = 0
"""Of the clusterings: another seed would give the same tastes other borders."""
CURATED: Final = DetectorSettings()
CLUSTERED: Final = DetectorSettings(threshold=9.5)
"""Until calibrated: on real sequences 2 to 10 false triggers per 1,000 positives, where 6.4, which suits the
kernel that a calibration fits, gave 9 to 33."""


def fit_catalog(
    items: Sequence[Item],
    basis: Basis,
    vectors: FloatArray,
    previous: Catalog | None = None,
    categories: bool | None = None,
    chosen: OrderedPositives | None = None,
) -> Catalog:
    """A new version of `items` (at least one), whose `basis` and unit `vectors` come from
    `models.catalog.space.basis.fit_basis`.

    With a `previous` version the clusters start from its own, so that tastes keep their numbers, and the maps
    between both are made.
    `categories`: True = the merchant's categories are the codes, False = clusters, None = categories when
    their number fits. With `chosen` items of users clusters are of what is chosen, and their number by what
    tells users apart. Raises ValueError when categories are demanded and their number does not fit.
    """
    curated = _curated(items, categories)
    rotation = rotation_from(previous, items, vectors)
    if curated:
        codes, centroids = _category_codes(items, vectors, curated)
    else:
        old = None if previous is None or previous.curated else previous.centroids
        centroids = _interests(vectors, old, rotation, chosen)
        codes = nearest_centroid(vectors, centroids)
    used = len(centroids)
    weight = None if chosen is None else _wanted(chosen, len(items))
    cuts = fit_cuts(items, codes, weight)
    segments = _clustered(
        vectors, min(SEGMENTS, len(items)), None if previous is None else previous.segments, rotation
    )
    return Catalog(
        version=1 if previous is None else previous.version + 1,
        items=tuple(items),
        vectors=vectors,
        codes=codes.astype(np.int16),
        price_z=price_z(cuts, items, codes),
        fitted_items=len(items),
        code_names=curated or interests.code_names(items, codes, used),
        curated=bool(curated),
        centroids=centroids,
        segments=segments,
        basis=basis,
        pi=interests.code_shares(codes),
        kernel=interests.cold_kernel(centroids, 0.0 if curated else interests.ETA),
        detector=_detector(previous, bool(curated)),
        price_cuts=cuts,
        previous=0 if previous is None else previous.version,
        rotation=rotation,
        code_map=code_map_from(previous, items, codes),
    )


def extended(catalog: Catalog, changed: Mapping[str, Item | None], encoder: TextEncoder) -> Catalog:
    """The same version with `changed` items (id -> item, None = removed) in the frozen basis.

    New items get the rows after the last, in order of id. A removed item keeps its row and is no longer
    available. Raises ValueError when `encoder` is not the one the version was made with.
    """
    rows = list(catalog.items)
    for item_id in sorted(changed):
        item, row = changed[item_id], catalog.index.get(item_id)
        if row is None and item is not None:
            rows.append(item)
        elif row is not None:
            rows[row] = replace(rows[row], available=False) if item is None else item
    fresh = [
        row
        for row, item in enumerate(rows)
        if row >= len(catalog.items) or item_text_of(item) != item_text_of(catalog.items[row])
    ]
    vectors = np.resize(catalog.vectors, (len(rows), catalog.vectors.shape[1]))
    codes = np.resize(catalog.codes, len(rows))
    if fresh:
        vectors[fresh] = embedded(catalog.basis, [rows[row] for row in fresh], encoder)
        codes[fresh] = codes_of(catalog, [rows[row] for row in fresh], vectors[fresh])
    return replace(
        catalog,
        items=tuple(rows),
        vectors=vectors,
        codes=codes,
        price_z=price_z(catalog.price_cuts, rows, codes),
    )


def codes_of(catalog: Catalog, items: Sequence[Item], vectors: FloatArray) -> NDArray[np.int16]:
    """Codes of `items` in an existing version: their category where categories are the codes and it is known,
    else the nearest centroid."""
    codes = nearest_centroid(vectors, catalog.centroids).astype(np.int16)
    if catalog.curated:
        number = {name: code for code, name in enumerate(catalog.code_names)}
        for row, item in enumerate(items):
            codes[row] = number.get(item.category, codes[row])
    return codes


def refitted(
    items: Sequence[Item],
    encoder: TextEncoder,
    previous: Catalog | None = None,
    categories: bool | None = None,
    chosen: OrderedPositives | None = None,
    looks: FloatArray | None = None,
) -> Catalog:
    """`fit_catalog` on a basis made anew from `items` with `encoder`, from what users chose of them when that
    is enough to tell, and from what they look like."""
    if chosen is not None and len(chosen.item) < LEAST_POSITIVES:
        chosen = None
    coclicks = None if chosen is None else fit_coclicks(chosen, len(items), FIT_SEED)
    basis, vectors = fit_basis(items, encoder, coclicks, looks)
    return fit_catalog(items, basis, vectors, previous, categories, chosen)


def _interests(
    vectors: FloatArray, old: FloatArray | None, rotation: FloatArray, chosen: OrderedPositives | None
) -> FloatArray:
    """Centroids of the interests; their number is that of the items, or what the log says."""
    most = interests.clusters_for(len(vectors))
    if chosen is None:
        return _clustered(vectors, most, old, rotation)
    weight = _wanted(chosen, len(vectors))
    asked = sampled_positives(chosen)
    tried = [
        _clustered(vectors, number, old, rotation, weight)
        for number in NUMBERS
        if number <= most or number == NUMBERS[0]
    ]
    return max(tried, key=lambda centroids: told_apart(asked, nearest_centroid(vectors, centroids)))


def _wanted(chosen: OrderedPositives, items: int) -> FloatArray:
    """How often each item was chosen, and a little for one that never was; (items,)."""
    return np.asarray(np.bincount(chosen.item, minlength=items) + UNSEEN, np.float32)


def _curated(items: Sequence[Item], categories: bool | None) -> tuple[str, ...]:
    names = () if categories is False else interests.curated_categories(items)
    if categories and not names:
        found = len({item.category for item in items if item.category})
        raise ValueError(
            f"categories can be codes when there are {interests.CURATED_FROM} to {MOST_CODES} of them; this "
            f"catalogue has {found}"
        )
    return names


def _category_codes(
    items: Sequence[Item], vectors: FloatArray, names: tuple[str, ...]
) -> tuple[NDArray[np.int64], FloatArray]:
    number = {name: code for code, name in enumerate(names)}
    codes = np.array([number.get(item.category, -1) for item in items])
    centroids = means(vectors[codes >= 0], codes[codes >= 0], len(names))
    return np.where(codes >= 0, codes, nearest_centroid(vectors, centroids)), centroids


def _clustered(
    vectors: FloatArray,
    k: int,
    old: FloatArray | None,
    rotation: FloatArray,
    weight: NDArray[np.floating] | None = None,
) -> FloatArray:
    """`k` centroids, from the `old` ones where there are as many, so that cluster i stays the taste it
    was."""
    start = None if old is None or len(old) != k else old @ rotation.T
    return k_means(vectors, k, FIT_SEED, start, weight)


def rotation_from(previous: Catalog | None, items: Sequence[Item], vectors: FloatArray) -> FloatArray:
    """Orthogonal R that takes the old vectors of common items nearest to their new ones, new = R @ old
    (Schoenemann 1966); the identity without a previous version."""
    if previous is None:
        return np.eye(vectors.shape[1], dtype=np.float32)
    old, new = _common(previous, items)
    u, _, vt = np.linalg.svd(vectors[new].T.astype(np.float64) @ previous.vectors[old])
    return (u @ vt).astype(np.float32)


def code_map_from(
    previous: Catalog | None, items: Sequence[Item], codes: NDArray[np.integer]
) -> NDArray[np.int16]:
    """For each old code the new one that most of its items have now, the lowest of equals; -1 when none of
    its items is left."""
    if previous is None:
        return np.arange(MOST_CODES, dtype=np.int16)
    old, new = _common(previous, items)
    overlap = np.zeros((MOST_CODES, MOST_CODES), np.int64)
    np.add.at(overlap, (previous.codes[old], codes[new]), 1)
    return np.where(overlap.any(axis=1), overlap.argmax(axis=1), -1).astype(np.int16)


def _common(previous: Catalog, items: Sequence[Item]) -> tuple[list[int], list[int]]:
    pairs = [
        (previous.index[item.item_id], row)
        for row, item in enumerate(items)
        if item.item_id in previous.index
    ]
    return [old for old, _ in pairs], [new for _, new in pairs]


def _detector(previous: Catalog | None, curated: bool) -> DetectorSettings:
    """A calibrated threshold outlives a refit of the merchant's categories; clusters are others after it, and
    their kernel is not the one that was calibrated."""
    if curated:
        return previous.detector if previous is not None and previous.curated else CURATED
    if previous is None or previous.curated:
        return CLUSTERED
    return previous.detector._replace(threshold=CLUSTERED.threshold)
