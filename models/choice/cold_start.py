"""Where a user starts about whom little is known: at the portraits of the groups that he resembles.

expected share of a code = (weight of his own events of it + PRIOR x share in his groups) / (own + PRIOR)
leaning to a code = log(expected share / everybody's share)
so that a portrait fades as events of his own come.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from models.arrays import FloatArray, Row
from models.portrait.portrait import Portraits
from models.portrait.resemblance import chances, log_resemblance

PRIOR: Final = 30.0
"""Events of his own that weigh as much as the portrait. On orders of a real shop 10 and 3 are worse: what
one looks at first says more of the group than of what is taken next (tests/bench/items/bench_items.py
--tuning)."""


class Start(NamedTuple):
    """What stands in for a user's own history until there is some."""

    name: str  # of the group that he resembles most
    vector: FloatArray  # (d,) unit: of all groups, each by the chance that he is of it
    leaning: FloatArray  # (codes,)


def portrait_start_of(portraits: Portraits, row: Row, country: str | None) -> Start:
    """By first events, hours and devices of a profile row, and the country of the newest event. `portraits`
    of at least one group, of the version of the row."""
    own = row["hist"].view(np.float16).astype(np.float32)
    said = log_resemblance(portraits, own[None], row["hours"][None], row["devices"][None], [country])
    chance = chances(said)[0]
    most = portraits.groups[int(np.argmax(chance))]
    vector = chance @ np.stack([group.vector for group in portraits.groups])
    length = float(np.linalg.norm(vector))
    return Start(
        most.name,
        np.asarray(vector / length if length > 0 else vector, np.float32),
        leaning(
            own, np.asarray(chance @ np.stack([group.interests for group in portraits.groups])), portraits
        ),
    )


def leaning(own: FloatArray, groups: FloatArray, portraits: Portraits) -> FloatArray:
    """Of a user with `own` weights (codes,) whose groups share out their interests as `groups` (codes,)."""
    expected = (own + PRIOR * groups) / (own.sum() + PRIOR)
    return np.asarray(np.log(expected / portraits.usual_interests), np.float32)
