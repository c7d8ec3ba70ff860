"""How many clusters a catalogue's interests fall into: as many as tell users apart best."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.catalog.codes import MOST_CODES
from models.catalog.space.coclicks import OrderedPositives
from models.interest.concentration import INITIAL
from models.interest.detector.shift import DetectorSettings
from models.interest.threshold.calibration import fit_prior

NUMBERS: Final = (12, 16, 24, 32, 48, MOST_CODES)
"""Of clusters, to choose from."""
LEAST_PAST: Final = 8
"""Positives of a user before those that are predicted."""
MOST_USERS: Final = 20_000
"""Evenly spaced ones are asked when there are more."""
_CLIP: Final = DetectorSettings().clip


def sampled_positives(chosen: OrderedPositives) -> OrderedPositives:
    """Positives of at most MOST_USERS users."""
    users = np.unique(chosen.user)
    if len(users) <= MOST_USERS:
        return chosen
    asked = users[np.linspace(0, len(users) - 1, MOST_USERS).astype(np.int64)]
    kept = np.isin(chosen.user, asked)
    return OrderedPositives(chosen.user[kept], chosen.item[kept])


def told_apart(chosen: OrderedPositives, codes: NDArray[np.integer]) -> float:
    """By how much a user's past tells his next code from anyone's: mean log Bayes factor of the codes of his
    second half less that of codes by their popularity, each clipped as the detector does, in nats.

    Bayes factor = Dirichlet-multinomial of the codes of his first half, concentration INITIAL, over their
    popularity. 0 when nobody has a past.
    """
    code = codes[chosen.item].astype(np.int64)
    _, start, counts = np.unique(chosen.user, return_index=True, return_counts=True)
    user = np.repeat(np.arange(len(counts)), counts)
    place, half = np.arange(len(user)) - np.repeat(start, counts), np.repeat(counts // 2, counts)
    past = place < half
    seen = np.zeros((len(counts), MOST_CODES))
    np.add.at(seen, (user[past], code[past]), 1.0)
    prior = fit_prior(code).astype(np.float64)
    factor = (seen + INITIAL * prior) / ((seen.sum(axis=1, keepdims=True) + INITIAL) * prior)
    said = np.clip(np.log(factor), -_CLIP, _CLIP)
    scored = ~past & (half >= LEAST_PAST)
    if not scored.any():
        return 0.0
    return float((said[user[scored], code[scored]] - (said @ prior)[user[scored]]).mean())
