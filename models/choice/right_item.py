"""How right an item is for a user now: near to what he wants, wanted by others, bought with what he took, not
beyond what he pays.

score = nearness + POPULAR * popularity + GOES_WITH * share of buyers - DEARER * price tiers above the user's
        - BEYOND * log of how many times his means, WITHIN usual purchases, it costs
What he has just taken is no candidate at all (models/choice/matching.py). The click model, which knows hour
and device, adds what it expects (models/choice/expected_clicks.py).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.choice.cross_sell import GOES_WITH
from models.choice.served import TIER_EDGES

POPULAR: Final = 0.8
"""Score of the most popular item of the catalogue over one that nobody took."""
RECENT: Final = 0.7
"""Weight of a wanted item as a share of the next newer one's: what was taken last says most of what is
next."""
DEARER: Final = 0.05
"""Score lost per price tier above the user's."""
BEYOND: Final = 0.05
"""Score lost by what costs e times a user's means, of any kind of thing: a tier compares alike items
alone."""
WITHIN: Final = 3.0
"""What costs so many times as much as he usually spends at once is still within his means. On a shop's orders
that leaves the item hit share as it is, .208 and .279 of first creatives and after shifts for .209 and .279
without; from 1 on the first falls to .204 (bench_items, with the usual price for the usual purchase)."""
CHEAP: Final = 2
"""Highest tier of who looks for a low price."""
LEANING: Final = 0.1
"""Score of an item of an interest that the user is e times as likely to have as anybody."""


def nearness(vectors: FloatArray, vector: FloatArray, wanted: FloatArray) -> FloatArray:
    """How near unit `vectors` (n, 64) are to what is wanted, (n,): the root mean square of their positive
    cosines to the items `wanted` (m, 64), newest first and the heaviest, which an interest of several parts
    survives as no mean vector does (PinnerSage, arXiv 2007.03634); the dot product with `vector` where none
    is known."""
    if not len(wanted):
        return np.asarray(vectors @ vector, np.float32)
    likeness = np.maximum(vectors @ wanted.T, 0)
    weights = RECENT ** np.arange(len(wanted))
    return np.sqrt((likeness * likeness) @ weights / weights.sum()).astype(np.float32)


def tiers_above(price_z: FloatArray, tier: int) -> NDArray[np.int64]:
    """Price tiers (1 cheap to 5) by which items of price_z (n,) lie above a user's; 0 where either is not
    known."""
    known = np.isfinite(price_z) & (tier > 0)
    of_items = 1 + np.searchsorted(TIER_EDGES, np.where(known, price_z, 0.0), side="right")
    return np.where(known, np.maximum(of_items - tier, 0), 0)


def beyond_means(prices: FloatArray, spending: float | None) -> FloatArray:
    """Log of how many times the user's means items cost, (n,), at least 0; 0 where either is not known.
    `spending`: his usual purchase; both in minor units of one currency."""
    if spending is None:
        return np.zeros(len(prices), np.float32)
    times = np.where(np.isfinite(prices), prices, 0.0) / max(WITHIN * spending, 1.0)
    return np.log(np.maximum(times, 1.0)).astype(np.float32)


def price_speaks(price_z: float, tier: int) -> bool:
    """Whether its price speaks for an item to a user of a tier: he takes cheap things, this is no dearer."""
    return 0 < tier <= CHEAP and math.isfinite(price_z) and not tiers_above(np.array([price_z]), tier)[0]


def item_scores(
    near: FloatArray,
    popularity: FloatArray,
    price_z: FloatArray,
    tier: int,
    share: FloatArray | float = 0.0,
    beyond: FloatArray | float = 0.0,
) -> FloatArray:
    """Scores (n,) of items: `near` as of `nearness`, `popularity` 0 to 1, `share` of the buyers of what the
    user took who took each too, `beyond` as of `beyond_means`."""
    score = near + POPULAR * popularity + GOES_WITH * share
    score = score - DEARER * tiers_above(price_z, tier) - BEYOND * beyond
    return np.asarray(score, np.float32)
