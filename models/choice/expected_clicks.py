"""The click model's opinion of items, arms and drafts, as factors beside what the policy knows.

Only relative rates are used, and bounded ones: a model that is off by a factor for a whole campaign changes
nothing, and none of the known arms' own clicks are overruled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.brief.brief import Copy
from models.click.copy_traits import traits_of
from models.click.features import Foreseen
from models.click.learner import Rates
from models.click.model import ClickModel, lifts

CLICKED: Final = 0.03
"""Score of an item that is expected to be clicked e times as often as its rivals: about what two items of one
taste differ by in nearness."""
CONVERSIONS: Final = "conversions"
"""The goal of a campaign for which a click is worth what follows it."""
AWARENESS: Final = "awareness"
"""The goal of one that is to be seen: of that the model knows nothing."""


class ClickOpinion:
    """One version of the model, asked for factors of rivals: how much more often than the others each is
    expected to earn what the campaign's goal counts."""

    def __init__(self, model: ClickModel) -> None:
        self._model = model
        self._arms: dict[tuple[str, str, tuple[tuple[str, str], ...], str], tuple[float, ...]] = {}

    def factors(self, showings: Sequence[Foreseen], goal: str) -> Rates:
        """Of showings that exclude each other, (n,)."""
        if goal == AWARENESS:
            return np.ones(len(showings))
        rates = self._model.click_rates(showings)
        if goal == CONVERSIONS:
            rates = rates * self._model.conversion_rates(showings)
        return lifts(rates)

    def arm_factors(
        self, campaign_id: str, slot: str, arms: tuple[tuple[str, str], ...], goal: str
    ) -> tuple[float, ...]:
        """Of (style, template id) for users in general: what a cold arm starts with. One answer for all
        requests, so that they share the policy's version."""
        asked = (campaign_id, slot, arms, goal)
        if asked not in self._arms:
            showings = [
                Foreseen(campaign_id=campaign_id, slot=slot, style=style, template_id=template_id)
                for style, template_id in arms
            ]
            self._arms[asked] = tuple(map(float, self.factors(showings, goal)))
        return self._arms[asked]


@dataclass(frozen=True, eq=False)
class DraftOpinion:
    """What the model says of drafts for one line of a plan; `showing` is all that is known but the words."""

    opinion: ClickOpinion
    showing: Foreseen
    goal: str

    def factors(self, copies: Sequence[Copy]) -> Rates:
        """Of each copy, (n,)."""
        said = [traits_of(each.headline, each.description, each.cta) for each in copies]
        return self.opinion.factors([replace(self.showing, said=each) for each in said], self.goal)


def lifted_scores(scores: NDArray[np.floating], factors: Rates) -> NDArray[np.floating]:
    """Item scores (n,) with what the model expects of each."""
    return scores + CLICKED * np.log(factors)
