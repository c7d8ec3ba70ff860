"""What the click model expects where no exposure speaks: who took what by himself, as a prior of the choice
of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.catalog.version import Catalog
from models.choice.expected_clicks import AWARENESS, CONVERSIONS
from models.choice.served import TIER_EDGES
from models.click.behaviour import ItemTraits, UserWants, unexposed
from models.click.model import LEAST_CLICKS, ClickModel, lifts

TAKEN: Final = 0.3
"""Score of an item that is expected to be taken e times as often as its rivals."""


@dataclass(frozen=True, eq=False)
class TakesOpinion:
    """One version of the model of behaviour. `clicks`: what the model of exposures has learnt: the more, the
    less this one says."""

    model: ClickModel
    clicks: int = 0

    def scores(
        self, scores: NDArray[np.floating], items: Sequence[ItemTraits], wish: UserWants, goal: str
    ) -> NDArray[np.floating]:
        """Item scores (n,) with what is expected of each; of what is only to be seen nothing is."""
        if goal == AWARENESS:
            return scores
        asked = [unexposed(item, wish) for item in items]
        rates = self.model.click_rates(asked)
        if goal == CONVERSIONS:
            rates = rates * self.model.conversion_rates(asked)
        weight = TAKEN * LEAST_CLICKS / (LEAST_CLICKS + self.clicks)
        return scores + weight * np.log(lifts(rates))


def item_traits(catalog: Catalog, row: int) -> ItemTraits:
    """Of one row of a catalogue."""
    code, names, price_z = int(catalog.codes[row]), catalog.code_names, float(catalog.price_z[row])
    return ItemTraits(
        catalog.items[row].item_id,
        names[code] if code < len(names) else None,
        1 + int(np.searchsorted(TIER_EDGES, price_z, side="right")) if np.isfinite(price_z) else None,
    )
