"""Whether a scheduler's training steps can be walked back in so many steps: each taken once, none outside."""

from __future__ import annotations

import numpy as np

from models.diffusion.samplers import walk_of
from models.diffusion.schedule import Schedule
from models.export.order import OrderError


def check_walk(schedule: Schedule, steps: int) -> None:
    """Raises OrderError that says how many steps to ask for instead."""
    if _walkable(schedule, steps):
        return
    fewer = next((each for each in range(steps - 1, 0, -1) if _walkable(schedule, each)), None)
    if fewer is None:
        raise OrderError(
            f"{schedule.sampler} from {schedule.train_steps} training steps cannot be walked in any number "
            "of steps: mend num_train_timesteps and steps_offset in scheduler_config.json"
        )
    raise OrderError(
        f"{steps} steps cannot be walked by {schedule.sampler} from {schedule.train_steps} training steps: "
        f"type --steps {fewer}"
    )


def _walkable(schedule: Schedule, steps: int) -> bool:
    times = walk_of(schedule, steps).times
    within = (times >= 0) & (times <= schedule.train_steps - 1)
    return len(times) == steps == len(np.unique(times)) and bool(within.all())
