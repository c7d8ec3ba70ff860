"""Changes of the price level alone, made of real positives: the codes of a life stay what they are, and each
of its positives becomes a positive of the same code at another price."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.arrays import IntArray
from tests.bench.detector.sequences import NEW, OLD, Life
from tests.bench.detector.streams import WITHIN

DRAWS = (3, 2)
"""Of so many positives of the code the cheapest (dearest) is taken: prices before and after the change
overlap. Of three, one in eight is from the other half of its code's prices, of two one in four."""


def repriced(
    of: Sequence[Life],
    codes: NDArray[np.integer],
    price: NDArray[np.floating],
    draws: int,
    rng: np.random.Generator,
) -> tuple[list[Life], IntArray]:
    """(lives with a change, first event after it) of users with enough positives: cheap before the change and
    dear after it, or the other way about. `codes`, `price`: of the items; those without a price stay out."""
    every = np.concatenate(of)
    every = every[np.isfinite(price[every])]
    alike = {code: every[codes[every] == code] for code in np.unique(codes[every])}
    changed, cuts = list[Life](), list[int]()
    for life in of:
        life = rng.permutation(life[np.isfinite(price[life])])
        if len(life) < OLD[0] + WITHIN:
            continue
        cut = int(rng.integers(OLD[0], min(OLD[1], len(life) - WITHIN) + 1))
        life = life[: cut + NEW]
        drawn = np.stack([rng.choice(alike[code], draws) for code in codes[life]])
        dear = (np.arange(len(life)) >= cut) == (rng.random() < 0.5)
        extreme = np.where(dear, price[drawn].argmax(axis=1), price[drawn].argmin(axis=1))
        changed.append(drawn[np.arange(len(life)), extreme])
        cuts.append(cut)
    return changed, np.array(cuts, np.int64)
