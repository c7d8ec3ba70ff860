"""Ways to open that suit what a campaign is for: what their arms start with until they have earned something
themselves. An assumption, kept small, that one click of its own outweighs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

SUITED: Final = {
    "awareness": ("question", "scene", "playful"),
    "conversions": ("direct", "benefit", "offer"),
}
"""Styles by goal: to be remembered by, or to act on; a visit may begin with any."""
LIFT: Final = 1.2
"""How many times as well as others they are expected to do."""


def style_factors(
    goal: str, arms: Sequence[tuple[str, str]], known: Sequence[float] = ()
) -> tuple[float, ...]:
    """Of each arm (style, template id) by what suits the goal, times what is `known` of each already, ()
    nothing; () = nothing suits better than the rest."""
    suited = SUITED.get(goal, ())
    lifts = [LIFT if style in suited else 1.0 for style, _ in arms]
    if len(set(lifts)) < 2:
        return tuple(known)
    return tuple(float(each) for each in np.multiply(lifts, known or 1.0))
