"""A simulation: readers whose taste in copy is known, the log they leave, and the click rate that copy would
have with them.

Nothing here says what real readers like. It is for checking that preference training finds what is in a log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.brief.brief import STYLES, Brief, Copy
from models.corpus.examples import corpus_examples
from models.preference.log import LoggedCopy
from models.preference.rewards import broken_rules
from models.preference.sampled import sample
from models.training.examples.formats import TrainingFormat

TRAITS: Final = ("question", "exclamation", "price", "brand", "brief", "item in headline", "second sentence")
"""What tastes are about, in the order of `traits_of`."""
BASE: Final = -2.0
"""Log-odds of a click on copy without any trait: 12 %, far above real rates, so that a small log says
something."""
LIMIT: Final = 64
"""Tokens of one copy."""


def weighed_traits_of(copy: Copy, brief: Brief) -> NDArray[np.float64]:
    """Which of TRAITS a copy has (7,), 0 or 1."""
    whole, words = f"{copy.headline} {copy.description}", copy.description.split()
    return np.array(
        [
            "?" in copy.headline,
            "!" in whole,
            any(sign in whole for sign in "$€£¥") or "CHF" in whole,
            bool(brief.brand) and brief.brand in whole,
            len(words) <= 9,
            brief.noun.casefold() in copy.headline.casefold(),
            sum(copy.description.count(stop) for stop in ".!?") >= 2,
        ],
        np.float64,
    )


@dataclass(frozen=True)
class TraitWeights:
    """Weight of each trait in the log-odds of a click (7,)."""

    weights: NDArray[np.float64]

    @classmethod
    def drawn(cls, seed: int) -> TraitWeights:
        """A taste with four traits that matter, liked or disliked; the same seed draws the same one."""
        rng = np.random.default_rng([seed, 7])
        weights = np.zeros(len(TRAITS))
        weights[rng.permutation(len(TRAITS))[:4]] = rng.choice([-1.5, 1.5], 4)
        return cls(weights)

    def click_rate(self, copy: Copy, brief: Brief) -> float:
        """Chance of a click."""
        return float(1 / (1 + np.exp(-(BASE + self.weights @ weighed_traits_of(copy, brief)))))


def contexts(count: int, seed: int, languages: Sequence[str] = ("en",)) -> list[Brief]:
    """Briefs of `count` campaigns that the corpus did not train on when its seed was another one."""
    return [
        replace(
            example.brief,
            request_id=f"rq_{seed}_{index}",
            campaign_id=f"c_{seed}_{index}",
            facts=(),
            must_use=(),
            ctas=(),
        )
        for index, example in enumerate(corpus_examples(count, seed, languages))
    ]


def simulated_log(
    network: Any,
    form: TrainingFormat,
    briefs: Sequence[Brief],
    taste: TraitWeights,
    per_context: int,
    seed: int,
) -> list[LoggedCopy]:
    """What readers of that taste leave: an arm (style) drawn with known, uneven chances per campaign,
    reviewed copy shown, clicks drawn."""
    rng = np.random.default_rng([seed, 11])
    propensities = [rng.dirichlet(np.full(len(STYLES), 0.7)) * 0.9 + 0.1 / len(STYLES) for _ in briefs]
    arms = [int(rng.choice(len(STYLES), p=chances)) for chances in propensities]
    styles = [replace(brief, style=STYLES[arm]) for brief, arm in zip(briefs, arms, strict=True)]
    written = sample(network, [form.prompt(brief) for brief in styles], per_context, form.end, LIMIT, seed)
    rows: list[LoggedCopy] = []
    for index, (styled, arm, drawn) in enumerate(zip(styles, arms, written, strict=True)):
        propensity = float(propensities[index][arm])
        for number, ids in enumerate(drawn):
            copy = form.decode(ids, styled)
            if copy is None or broken_rules(copy, styled).any:
                continue
            clicked = bool(rng.random() < taste.click_rate(copy, styled))
            rows.append(
                LoggedCopy(
                    creative_id=f"cr_{index}_{number}", brief=styled, copy=copy, arm=STYLES[arm],
                    propensity=propensity,
                    shown=True, clicked=clicked,
                )
            )  # fmt: skip
    return rows


@dataclass(frozen=True, slots=True)
class TasteFigures:
    """Of sampled copy that nothing holds: mean click rate (no copy = 0), shares that state something
    unsupported or are over a limit."""

    click_rate: float
    unsupported: float
    too_long: float


def measure(
    network: Any,
    form: TrainingFormat,
    briefs: Sequence[Brief],
    taste: TraitWeights,
    per_context: int,
    seed: int,
) -> TasteFigures:
    """Figures over `per_context` samples for each brief, all styles in turn."""
    rates, unsupported, too_long = [], 0, 0
    styles = [replace(brief, style=STYLES[index % len(STYLES)]) for index, brief in enumerate(briefs)]
    written = sample(network, [form.prompt(brief) for brief in styles], per_context, form.end, LIMIT, seed)
    for styled, drawn in zip(styles, written, strict=True):
        for ids in drawn:
            copy = form.decode(ids, styled)
            broken = broken_rules(copy, styled)
            rates.append(taste.click_rate(copy, styled) if copy else 0.0)
            unsupported += broken.facts
            too_long += broken.length
    return TasteFigures(float(np.mean(rates)), unsupported / len(rates), too_long / len(rates))
