"""The walk takes the Euler steps of a flow from noise to picture, under guidance."""

from __future__ import annotations

import numpy as np

from models.background.flow import Floats, walk
from models.background.noise import normals


def test_its_steps_are_those_of_euler_along_the_guided_velocity() -> None:
    def untold(state: Floats, time: float) -> Floats:
        return np.sin(state) * np.float32(time + 0.5)

    def told(state: Floats, time: float) -> Floats:
        return np.cos(state) - np.float32(time)

    begun, steps, guidance = normals(3, (1, 3, 8, 8)), 5, 1.7
    reference, width = begun.astype(np.float64), 1 / steps
    for step in range(steps):
        time = step * width
        now = reference.astype(np.float32)
        velocities = [(aim(now, time) - reference) / (1 - time) for aim in (untold, told)]
        reference = reference + width * (velocities[0] + guidance * (velocities[1] - velocities[0]))
    found = walk(begun, lambda state, time: (untold(state, time), told(state, time)), steps, guidance)
    np.testing.assert_allclose(found, reference, atol=1e-5)


def test_it_ends_at_what_is_expected_last() -> None:
    target = normals(1, (1, 3, 8, 8))
    found = walk(normals(2, target.shape), lambda *_: (target, target), 6, 2.0)
    np.testing.assert_allclose(found, target, atol=1e-6)
