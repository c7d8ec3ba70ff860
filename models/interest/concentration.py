"""How concentrated one user's interest is: the posterior of a Dirichlet concentration from how many distinct
codes n draws showed."""

from __future__ import annotations

from functools import lru_cache
from math import lgamma
from typing import Final

import numpy as np
from numpy.typing import NDArray

MAX_DRAWS: Final = 255
MAX_DISTINCT: Final = 64
INITIAL: Final = 2.0


@lru_cache(maxsize=1)
def concentration_table() -> NDArray[np.float32]:
    """(256, 65) table A[draws, distinct] = exp(E[log g]) over 24 geometric g in [0.5, 48].

    P(g) ~ g^D Gamma(g) / Gamma(g + n) x Normal(log g; log 2, 0.5): Antoniak's law of the number of distinct
    values, log-normal prior.
    """
    grid = np.geomspace(0.5, 48.0, 24)
    log_grid = np.log(grid)
    prior = -0.5 * ((log_grid - np.log(INITIAL)) / 0.5) ** 2
    draws = np.arange(MAX_DRAWS + 1)
    rising = np.array([[lgamma(g) - lgamma(g + n) for g in grid] for n in draws])
    logits = prior + rising[:, None, :] + np.arange(MAX_DISTINCT + 1)[None, :, None] * log_grid
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    return np.ascontiguousarray(np.exp(weights @ log_grid), np.float32)
