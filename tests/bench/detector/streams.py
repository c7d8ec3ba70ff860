"""Lives of positive events, what triggers on them, and how well that meets the changes of interest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import IntArray, Rows
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import SHIFT_TRIGGER, CatalogArrays, empty_profiles
from models.interest.threshold.calibration import ROUNDS
from models.interest.update import update_profiles

WITHIN: Final = 20
TARGET: Final = 5.0
MARGIN: Final = 0.94
"""Thresholds are set for this share of TARGET: the rate on fresh users varies by about 3 %, and TARGET is a
limit."""

Triggers = NDArray[np.int64]
"""Indices of the events that triggered."""


class Stream(NamedTuple):
    """Positive events EVENT (n,) on the items of a catalogue, user after user; `start` (users + 1,) is the
    first event of each, `change` (users,) the event of a life that begins the new interest, -1 none."""

    events: Rows
    start: IntArray
    change: IntArray


class Score(NamedTuple):
    """What one detector did to one population."""

    recall: float
    median_delay: float  # inf when fewer than half were found before the end of the user's life
    false_per_1000: float


def scan_triggers(one: Stream, catalog: CatalogArrays, settings: DetectorSettings) -> Triggers:
    """What production's kernel does, on fresh profiles."""
    fires = update_profiles(empty_profiles(len(one.change)), one.events, catalog, settings).fires
    return fires["event"][fires["kind"] == SHIFT_TRIGGER].astype(np.int64)


def rate(triggers: Triggers, one: Stream) -> float:
    """Triggers per 1,000 positives."""
    return 1000.0 * len(triggers) / len(one.events)


def least_threshold(
    triggers_at: Callable[[Stream, float], Triggers], one: Stream, low: float, high: float, target: float
) -> float:
    """Lowest threshold with at most `target` false triggers per 1,000 positives of these users."""
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        if rate(triggers_at(one, middle), one) > target:
            low = middle
        else:
            high = middle
    return high


def score(triggers: Triggers, one: Stream) -> Score:
    """Recall = share of changes with a trigger within WITHIN positives; delay 1 = at the first event of the
    new interest."""
    users = one.events["user"][triggers]
    delay = triggers - one.start[users] - one.change[users] + 1
    first = np.full(len(one.change), np.inf)
    hit = (delay >= 1) & (one.change[users] >= 0)
    np.minimum.at(first, users[hit], delay[hit].astype(float))
    return Score(float((first <= WITHIN).mean()), float(np.median(first)), rate(triggers, one))
