"""Who is sold what in which language: users of a market want what is advertised in their language."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from models.item import Item
from models.world.interests import Floats


class LanguageMarket(NamedTuple):
    """Users of one language. `popularity`: (categories,), sums to 1, 0 where nothing is sold to them;
    `share` of all users; the language "" is one that no device states."""

    language: str
    popularity: Floats
    share: float


def markets_of(
    items: Mapping[str, Sequence[Item]], popularity: Floats, sold: Mapping[str, Collection[str]]
) -> tuple[LanguageMarket, ...]:
    """The markets of a catalogue (items by category, as `popularity` is ordered), each as large as the part
    of it that is sold there; one without a language when nothing is known of languages."""
    found = []
    for language, ids in sorted(sold.items()):
        counts = np.array([sum(each.item_id in ids for each in group) for group in items.values()])
        if counts.sum():
            weights = np.where(counts > 0, popularity, 0.0)
            found.append((language, weights / weights.sum(), int(counts.sum())))
    whole = sum(count for *_, count in found)
    return tuple(LanguageMarket(language, law, count / whole) for language, law, count in found) or (
        LanguageMarket("", popularity, 1.0),
    )


def drawn_market(rng: np.random.Generator, markets: Sequence[LanguageMarket]) -> LanguageMarket:
    """The market of a new user."""
    return markets[int(rng.choice(len(markets), p=[each.share for each in markets]))]
