"""From noise to a picture along a straight flow (Lipman et al. 2023, "Flow Matching for Generative
Modeling"), by Euler steps under classifier-free guidance (Ho and Salimans 2022)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Clean = Callable[[Floats, float], tuple[Floats, Floats]]
"""What the model takes for the clean picture behind a noisy one at a time, untold and told its
condition."""


def walk(begun: Floats, clean: Clean, steps: int, guidance: float) -> Floats:
    """The picture that noise becomes: time runs from 0 (noise) to 1 (picture), each step goes straight
    towards what the model expects at the end."""
    state = begun
    for step in range(steps):
        time = step / steps
        untold, told = clean(state, time)
        aim = untold + np.float32(guidance) * (told - untold)
        state = state + np.float32(1 / steps / (1 - time)) * (aim - state)
    return state
