"""The click model: P(click) of a showing and P(conversion) of a click, learnt together, one exposure at a
time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from models.click.features import Foreseen, feature_slots_of, tokens_of
from models.click.learner import Labels, Learning, Rates, Weights, expected_rates, learn_rates
from models.click.quality import Quality, Recent

LEAST_CLICKS: Final = 100
"""A model that has learnt fewer says nothing yet: it would rank by chance."""
MOST_LIFT: Final = 4.0
"""So many times better or worse than its rivals a thing may be expected to do, and no more: a model is an
opinion."""


@dataclass
class Head:
    """One of the two rates: its weights, and how good its last expectations were."""

    weights: Weights
    recent: Recent = field(default_factory=Recent)

    def learn(self, showings: Sequence[Foreseen], happened: Labels, learning: Learning) -> None:
        """Expect, compare, learn."""
        if not len(showings):
            return
        rates = learn_rates(self.weights, feature_slots_of(tokens_of(showings)), happened, learning)
        self.recent.add(rates, happened)


@dataclass
class ClickLearner:
    """What a trainer holds; `learn` changes it. `exposures`, `clicks`: learnt so far."""

    learning: Learning
    click: Head
    conversion: Head
    exposures: int = 0
    clicks: int = 0

    @classmethod
    def fresh(cls, learning: Learning) -> ClickLearner:
        """Nothing learnt."""
        return cls(learning, Head(Weights.fresh(learning)), Head(Weights.fresh(learning)))

    def learn(self, showings: Sequence[Foreseen], clicked: Labels, converted: Labels) -> None:
        """Learn exposures in order: all for the click rate, those that were clicked for the conversion
        rate."""
        self.click.learn(showings, clicked, self.learning)
        which = np.flatnonzero(clicked).tolist()
        self.conversion.learn([showings[at] for at in which], converted[which], self.learning)
        self.exposures += len(showings)
        self.clicks += len(which)


@dataclass(frozen=True, eq=False)
class ClickModel:
    """A published version: what generators rank by."""

    version: int
    learning: Learning
    click: Weights
    conversion: Weights
    exposures: int
    clicks: int
    click_quality: Quality
    conversion_quality: Quality

    @property
    def usable(self) -> bool:
        """Whether it has learnt enough to rank by."""
        return self.clicks >= LEAST_CLICKS

    def click_rates(self, showings: Sequence[Foreseen]) -> Rates:
        """P(click) of each, (n,); a probability only where the loss has neither focus nor weights."""
        return expected_rates(self.click, feature_slots_of(tokens_of(showings)), self.learning)

    def conversion_rates(self, showings: Sequence[Foreseen]) -> Rates:
        """P(conversion | click) of each, (n,)."""
        return expected_rates(self.conversion, feature_slots_of(tokens_of(showings)), self.learning)


def lifts(rates: Rates) -> Rates:
    """Each rate over the geometric mean of all, within 1 / MOST_LIFT to MOST_LIFT; (n,)."""
    logs = np.log(rates)
    most = np.log(MOST_LIFT)
    return np.asarray(np.exp(np.clip(logs - logs.mean(), -most, most)))
