"""Thresholds of the trigger for users whose arm of an experiment has its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.profiles.reference import ProfilesSnapshot
from models.choice.experiments import threshold_in
from models.interest.update import THOSE_OF_SETTINGS
from streams.columns.decoded import Events

Thresholds = NDArray[np.float64]


def thresholds_of(events: Events, keys: Sequence[bytes], ref: ProfilesSnapshot) -> Thresholds:
    """One per event (n,), by its user and time, so that a replay in other batches decides the same; none
    while no experiment asks for any. Where a user is in several, the first by id counts."""
    if not ref.detector_trials:
        return THOSE_OF_SETTINGS
    found = np.full(len(events), ref.detector.threshold)
    users, ts = events["user"], events["ts"]
    for trial in reversed(ref.detector_trials):
        during = np.flatnonzero((ts >= trial.start_ms) & (ts < trial.end_ms))
        of_user = {
            user: threshold_in(trial, keys[user].decode()) for user in np.unique(users[during]).tolist()
        }
        own = np.array([of_user[user] for user in users[during].tolist()], np.float64)  # None is not a number
        found[during] = np.where(np.isnan(own), found[during], own)
    return found
