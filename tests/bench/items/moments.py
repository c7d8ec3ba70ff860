"""Moments at which a creative is asked for in spliced lives of real users: what was known then, and what the
user really took later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.arrays import IntArray, Row
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import FIRST_TRIGGER, CatalogArrays, empty_profiles
from models.interest.update import update_profiles
from tests.bench.detector.sequences import NEW, OLD, Life, stream_of

SPLICES: Final = 3
"""Old interests before each new one: other users' lives are few, and another history fires elsewhere."""
LEAST_NEW: Final = 24
"""Positives of a user who brings the new interest: enough are left after the trigger to be hit."""


@dataclass(frozen=True, eq=False)
class Moment:
    """One trigger: its FIRE and the profile row right after it, the items taken until then, newest last, and
    those taken afterwards."""

    first: bool
    fire: Row
    row: Row
    taken: Life
    later: frozenset[int]


def moments(
    of: Sequence[Life], catalog: CatalogArrays, settings: DetectorSettings, rng: np.random.Generator
) -> list[Moment]:
    """First creatives of the old users, and the first shift found after each splice: another user's positives
    in the order they came, so that what is later is later."""
    spliced, cuts, whole = _spliced(of, rng)
    stream = stream_of(spliced, catalog.codes, cuts)
    done = update_profiles(empty_profiles(len(spliced)), stream.events, catalog, settings)
    found, shifted = list[Moment](), set[int]()
    for fire, row in zip(done.fires, done.snapshots, strict=True):
        user = int(fire["user"])
        seen = int(fire["event"] - stream.start[user]) + 1
        first = fire["kind"] == FIRST_TRIGGER
        if not first and (seen <= cuts[user] or user in shifted):
            continue
        rest = spliced[user][seen : cuts[user]] if first else whole[user][seen - cuts[user] :]
        if len(rest):
            found.append(Moment(first, fire, row, spliced[user][:seen], frozenset(rest.tolist())))
        if not first:
            shifted.add(user)
    return found


def _spliced(of: Sequence[Life], rng: np.random.Generator) -> tuple[list[Life], IntArray, list[Life]]:
    """(lives, first event of the new interest, all that its user took) of SPLICES times each user."""
    olds = [life for life in of if len(life) >= OLD[0]]
    lives, cuts, whole = list[Life](), list[int](), list[Life]()
    for new in [life for life in of if len(life) >= LEAST_NEW] * SPLICES:
        old = rng.permutation(olds[int(rng.integers(len(olds)))])[: int(rng.integers(OLD[0], OLD[1] + 1))]
        lives.append(np.concatenate((old, new[:NEW])))
        cuts.append(len(old))
        whole.append(new)
    return lives, np.array(cuts, np.int64), whole
