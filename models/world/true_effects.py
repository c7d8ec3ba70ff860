"""What makes a creative attractive in a simulated world: drawn from the seed, so that whoever measures it can
be held against the truth.

P(click) = P(examined | slot) x [shows what the user wants] x user x arm x copy x taste x fatigue, at most
MOST. Each factor is 1 on average or at its start; none depends on the order in which it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Any, Final

import numpy as np
from xxhash import xxh3_64_intdigest

from models.world.positions import EXAMINED, examined_share

MOST: Final = 0.95
USER_SHAPE: Final = 3.0
"""Of the gamma law (mean 1) of users' own factors: the most eager tenth clicks seven times as often as the
least eager one."""
STYLE_SPREAD: Final = 0.25
TEMPLATE_SPREAD: Final = 0.15
PAIR_SPREAD: Final = 0.10
"""Standard deviations of the logarithm: of a style, a template, and the two together."""
COPY_SPREAD: Final = 0.20
TASTE_SPREAD: Final = 0.35
FATIGUE: Final = 0.43
"""Response falls with the n-th showing as n to the minus this (the curve Meta published)."""
SEEN_S: Final = 0.5
"""Nobody clicks sooner than this after an impression: to see and to reach for it takes a person longer."""
CLICK_DELAY_S: Final = 0.5
SALE_DELAY_S: Final = 3.0
"""Means of exponential delays, from SEEN_S after the impression and from the click."""
COPY_FEATURES: Final = ("question", "exclamation", "number", "short")
SHORT_CHARACTERS: Final = 60


def copy_features_of(text: str) -> tuple[str, ...]:
    """Which of COPY_FEATURES a copy (headline and description) has."""
    has = {
        "question": "?" in text,
        "exclamation": "!" in text,
        "number": any(character.isdigit() for character in text),
        "short": 0 < len(text) <= SHORT_CHARACTERS,
    }
    return tuple(name for name in COPY_FEATURES if has[name])


@dataclass(frozen=True)
class TrueEffects:
    """The world of one seed. Factors are multiplicative; an arm is `style.template`."""

    seed: int

    def arm(self, arm: str) -> float:
        """Of style and template, whoever looks."""
        style, _, template = arm.partition(".")
        return exp(
            STYLE_SPREAD * self._normal("style", style)
            + TEMPLATE_SPREAD * self._normal("template", template)
            + PAIR_SPREAD * self._normal("pair", arm)
        )

    def copy(self, features: tuple[str, ...]) -> float:
        """Of what the words are like."""
        return exp(sum(COPY_SPREAD * self._normal("copy", name) for name in features))

    def taste(self, arm: str, taste: float) -> float:
        """Of a style to a user whose taste is in [-1, 1]: what one side likes the other dislikes."""
        return exp(TASTE_SPREAD * taste * self._normal("taste", arm.partition(".")[0]))

    def fatigue(self, showing: int) -> float:
        """Of the n-th showing of a creative to a user, n from 1."""
        return float(showing**-FATIGUE)

    def click_chance(
        self, slot: str, arm: str, features: tuple[str, ...], eagerness: float, taste: float, showing: int
    ) -> float:
        """Of a user who wants what is shown; nobody clicks on anything else."""
        attractive = self.arm(arm) * self.copy(features) * self.taste(arm, taste) * self.fatigue(showing)
        return min(MOST, examined_share(slot) * eagerness * attractive)

    def described(self) -> dict[str, Any]:
        """All but the arms, which are known once they were shown."""
        return {
            "seed": self.seed,
            "examined": dict(EXAMINED),
            "fatigue_exponent": FATIGUE,
            "user_gamma_shape": USER_SHAPE,
            "copy_features": {name: round(self.copy((name,)), 4) for name in COPY_FEATURES},
            "seen_s": SEEN_S,
            "click_delay_s": CLICK_DELAY_S,
            "sale_delay_s": SALE_DELAY_S,
        }

    def _normal(self, kind: str, name: str) -> float:
        """Standard normal, the same whenever it is asked for."""
        key = [self.seed, xxh3_64_intdigest(f"{kind}|{name}".encode())]
        return float(np.random.Generator(np.random.Philox(key=key)).standard_normal())
