"""How popular items are, from what users took."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray, IntArray
from models.catalog.space.coclicks import OrderedPositives
from models.catalog.version import Catalog


def popularity_of(takers: NDArray[np.integer]) -> FloatArray:
    """0 to 1 per item, by the logarithm of how many users took it (n,): counts span decades, and what a
    hundred more mean depends on how many there were."""
    logs = np.log1p(np.maximum(takers, 0))
    return np.asarray(logs / max(float(logs.max(initial=0.0)), 1.0), np.float32)


def takers_of(chosen: OrderedPositives, items: int) -> IntArray:
    """How many different users took each item, (items,): one who takes it every day does not make it
    popular."""
    pairs = np.unique(np.stack((chosen.user, chosen.item)), axis=1)
    return np.bincount(pairs[1], minlength=items)


def popularity_of_log(
    catalog: Catalog, chosen: OrderedPositives | None, previous: Catalog | None
) -> FloatArray:
    """Of all rows of a new version: from the log, or where it holds nothing as the version before had it, by
    item; none where that had none."""
    if chosen is not None and len(chosen.item):
        return popularity_of(takers_of(chosen, len(catalog.items)))
    if previous is None or not len(previous.popularity):
        return np.zeros(0, np.float32)
    before = of_rows(previous.popularity, len(previous.items))
    rows = [previous.index.get(item.item_id, -1) for item in catalog.items]
    return np.append(before, before.mean())[rows].astype(np.float32)


def of_rows(popularity: FloatArray, items: int) -> FloatArray:
    """Popularity (items,) of all rows of a version from that of its first ones (p <= items,): an item that
    came later counts as an average one."""
    mean = float(popularity.mean()) if len(popularity) else 0.0
    return np.concatenate((popularity, np.full(items - len(popularity), mean, np.float32)))
