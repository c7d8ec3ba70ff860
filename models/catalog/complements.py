"""What is bought with what was bought: of each item the few that its buyers also took, soon before or after,
surely more often than by chance.

Which those are a likelihood ratio says (Dunning 1993), which few buyers do not mislead; what is shown of them
is the share of the item's buyers. Things of the same kind are no complements: they are what else one could
have bought.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray, IntArray
from models.item import Item
from models.scene.drawn.named_colours import without_colours
from models.scene.drawn.singular import singulars
from models.text.normalise import fold_text

MOST: Final = 8
"""Complements of an item."""
LEAST_BUYERS: Final = 3
"""Who took both; fewer are chance or one household."""
SURE: Final = 10.83
"""Likelihood ratio that chance reaches once in a thousand."""
WINDOW_MS: Final = 30 * 86_400_000
"""Between two purchases that belong together."""
NEIGHBOURS: Final = 20
"""Purchases after each that it is compared with; of those of one time, an order, evenly drawn ones."""
SMOOTH: Final = 10.0
"""Buyers without a complement that every item is given, so that few do not seem to be all."""
MOST_PURCHASES: Final = 500_000
"""Of the first users: more say nothing else, and take memory."""
ALIKE: Final = 0.5
"""Share of the words of two titles with the same last word that are common, from which on they name the same
kind of thing: a red and a blue bag, not the plate and the cup of one set."""

RowArray = NDArray[np.int32]
NOBODY: Final = -1
"""Row of no item."""


class Bought(NamedTuple):
    """Purchases (n,) ordered by user and time; `item` = row of the catalogue."""

    user: IntArray
    item: IntArray
    ts: IntArray


class Complements(NamedTuple):
    """`rows` (items, MOST), the best first, NOBODY where there are fewer; `shares` (items, MOST) of the
    item's buyers who took them too, smoothed."""

    rows: RowArray
    shares: FloatArray


def no_complements() -> Complements:
    """Of no item."""
    return Complements(np.zeros((0, MOST), np.int32), np.zeros((0, MOST), np.float32))


def fit_complements(bought: Bought, items: Sequence[Item]) -> Complements:
    """Of a catalogue of `items`, from what users bought."""
    user, item, ts = (column[:MOST_PURCHASES] for column in bought)
    n = len(items)
    one, other, both = _pairs(user, item, ts, n)
    users = len(np.unique(user))
    buyers = np.bincount(np.unique(user * n + item) % n, minlength=n)
    kept = both >= LEAST_BUYERS
    kept &= both * users > buyers[one] * buyers[other]  # more often than by chance
    kept &= likelihood_ratio(both, buyers[one], buyers[other], users) >= SURE
    pairs = np.stack((np.r_[one[kept], other[kept]], np.r_[other[kept], one[kept]]))
    share = np.r_[both[kept], both[kept]] / (buyers[pairs[0]] + SMOOTH)
    order = np.lexsort((pairs[1], -share, pairs[0]))
    return _best(pairs[:, order], share[order], items)


def renumbered(found: Complements, row_of: Sequence[int | None]) -> Complements:
    """The same things where a catalogue's row i is row `row_of[i]` of the one that `found` is of, None where
    it is not there: complements that are not sold here go, the others keep their order."""
    old = np.array([NOBODY if row is None else row for row in row_of], np.int64)
    known = (old != NOBODY) & (old < len(found.rows))
    if not known.any():
        return no_complements()
    new = np.full(max(int(old.max()), int(found.rows.max())) + 1, NOBODY, np.int32)
    new[old[old != NOBODY]] = np.flatnonzero(old != NOBODY)
    rows = np.full((len(old), MOST), NOBODY, np.int32)
    shares = np.zeros((len(old), MOST), np.float32)
    theirs = found.rows[old[known]]
    rows[known] = np.where(theirs == NOBODY, NOBODY, new[theirs])
    shares[known] = np.where(rows[known] == NOBODY, 0, found.shares[old[known]])
    first = np.argsort(rows == NOBODY, axis=1, kind="stable")
    return Complements(np.take_along_axis(rows, first, 1), np.take_along_axis(shares, first, 1))


def likelihood_ratio(both: IntArray, one: IntArray, other: IntArray, users: int) -> NDArray[np.float64]:
    """-2 log lambda that two things are taken independently: `both` of `users` took the two, `one` and
    `other` each of them."""
    cells = (both, one - both, other - both, users - one - other + both)
    sums = (one, users - one, other, users - other)
    whole = users * np.log(max(users, 1))
    return np.asarray(2 * (sum(map(_n_log_n, cells)) - sum(map(_n_log_n, sums)) + whole), np.float64)


def alike(one: Item, other: Item) -> bool:
    """Whether two items are of the same kind: of one noun, of all the same categories, or called alike."""
    if one.noun and other.noun:
        return bool(_singulars(one.noun) & _singulars(other.noun))
    if one.categories and other.categories:
        return one.categories == other.categories
    plain = without_colours(one.title)
    if plain and plain == without_colours(other.title):
        return True
    here, there = one.title.casefold().split(), other.title.casefold().split()
    same = here[-1:] == there[-1:]
    return same and len({*here} & {*there}) >= ALIKE * len({*here, *there})


def _singulars(noun: str) -> set[str]:
    """With the endings of every language: a complement that is missed costs less than another of the kind."""
    return set(singulars(fold_text(noun), "de"))


def _pairs(user: IntArray, item: IntArray, ts: IntArray, items: int) -> tuple[IntArray, IntArray, IntArray]:
    """Rows of two items, the lower first, and how many users took both near in time."""
    drawn = np.lexsort((_scattered(item + items * (user + ts)), ts, user))
    user, item, ts = user[drawn], item[drawn], ts[drawn]
    found = [np.zeros(0, np.int64)]
    for apart in range(1, min(NEIGHBOURS, len(user) - 1) + 1):
        near = (user[apart:] == user[:-apart]) & (ts[apart:] - ts[:-apart] <= WINDOW_MS)
        near &= item[apart:] != item[:-apart]
        low, high = np.sort(np.stack((item[:-apart][near], item[apart:][near])), axis=0)
        found.append((user[apart:][near] * items + low) * items + high)
    taken = np.unique(np.concatenate(found)) % (items * items)  # a user counts once
    pair, both = np.unique(taken, return_counts=True)
    return pair // items, pair % items, both


def _scattered(key: IntArray) -> NDArray[np.uint64]:
    """Keys spread evenly, the same each time (splitmix64, Steele 2014): the lines of an order have no order
    of their own, and that of the catalogue must not say which of many are compared."""
    mixed = key.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


def _best(pairs: IntArray, share: NDArray[np.float64], items: Sequence[Item]) -> Complements:
    """Of pairs (2, n) ordered by item and falling share."""
    made = Complements(
        np.full((len(items), MOST), NOBODY, np.int32), np.zeros((len(items), MOST), np.float32)
    )
    place = np.zeros(len(items), np.int64)
    for (of, what), part in zip(pairs.T.tolist(), share.tolist(), strict=True):
        if place[of] < MOST and not alike(items[of], items[what]):
            made.rows[of, place[of]], made.shares[of, place[of]] = what, part
            place[of] += 1
    return made


def _n_log_n(n: IntArray) -> NDArray[np.float64]:
    return np.asarray(n * np.log(np.maximum(n, 1)), np.float64)
