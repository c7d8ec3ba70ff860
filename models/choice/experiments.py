"""Which arm of an experiment a user is in: a function of the experiment's salt and the user alone."""

from __future__ import annotations

from itertools import accumulate

from xxhash import xxh3_64_intdigest

from models.campaigns import Experiment


def arm_of(experiment: Experiment, user: str) -> str | None:
    """Arm id; None for users in no arm (the shares add up to less than 1) and for an experiment without
    arms."""
    draw = xxh3_64_intdigest(f"{experiment.salt}\x1f{user}".encode()) / 2**64
    for arm, edge in zip(experiment.arms, accumulate(arm.share for arm in experiment.arms), strict=True):
        if draw < edge:
            return arm.id
    return None
