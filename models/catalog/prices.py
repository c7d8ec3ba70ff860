"""How dear an item is among its like: cuts through the prices of each interest code, currency by currency,
and the standing that they give a price.

Cuts are quantiles, so that a few items of gold sway nobody; the standing of a price is the normal score of
its place among them. Amounts of two currencies say nothing of each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.item import Item

CUTS: Final = 15
PRICED: Final = 5
"""Items a code needs for cuts of its own; below it takes those of the whole catalogue."""
_EVERYTHING: Final = -1
"""In place of a code."""
_STANDINGS: Final = np.array(
    [NormalDist().inv_cdf((1 + place) / (2 * CUTS + 2)) for place in range(2 * CUTS + 1)], np.float32
)
"""By twice the place: one that is a cut stands between both sides."""

PriceCuts = Mapping[str, Sequence[float]]
"""By `_key`: CUTS prices in minor units, ascending."""


def fit_cuts(
    items: Sequence[Item], codes: NDArray[np.integer], weight: NDArray[np.floating] | None = None
) -> dict[str, tuple[float, ...]]:
    """The cuts of these items, each of one price among `weight` (n,) that were chosen, or each once."""
    rows_of: dict[str, list[int]] = {}
    for row, item in enumerate(items):
        if _priced(item):
            for code in (_EVERYTHING, int(codes[row])):
                rows_of.setdefault(_key(code, item.currency), []).append(row)
    of_all = f"{_EVERYTHING}|"
    return {
        key: _quantiles([items[row] for row in rows], np.ones(len(rows)) if weight is None else weight[rows])
        for key, rows in rows_of.items()
        if len(rows) >= PRICED or key.startswith(of_all)
    }


def price_z(cuts: PriceCuts, items: Sequence[Item], codes: NDArray[np.integer]) -> FloatArray:
    """Standing of each price, nan where the price is unknown or not positive or its currency has no cuts;
    (n,)."""
    found = np.full(len(items), np.nan, np.float32)
    for row, item in enumerate(items):
        keys = (_key(int(codes[row]), item.currency), _key(_EVERYTHING, item.currency))
        limits = next((cuts[key] for key in keys if key in cuts), None)
        if limits is not None and _priced(item):
            place = sum(int(np.searchsorted(limits, item.charged_minor or 0, side)) for side in _SIDES)
            found[row] = _STANDINGS[place]
    return found


_SIDES: Final = ("left", "right")


def _priced(item: Item) -> bool:
    return item.charged_minor is not None and item.charged_minor > 0


def _key(code: int, currency: str) -> str:
    return f"{code}|{currency}"


def _quantiles(items: Sequence[Item], weight: NDArray[np.floating]) -> tuple[float, ...]:
    prices = np.array([item.charged_minor for item in items], float)
    order = np.argsort(prices, kind="stable")
    passed = np.cumsum(weight[order])
    wanted = passed[-1] * np.arange(1, CUTS + 1) / (CUTS + 1)
    return tuple(prices[order][np.searchsorted(passed, wanted)].tolist())


def charged_by_currency(items: Sequence[Item]) -> dict[str, FloatArray]:
    """What a buyer pays for each item (n,) in minor units, by currency; nan for items of another."""
    prices: dict[str, FloatArray] = {}
    for row, item in enumerate(items):
        if item.charged_minor is not None:
            if item.currency not in prices:
                prices[item.currency] = np.full(len(items), np.nan, np.float32)
            prices[item.currency][row] = item.charged_minor
    return prices
