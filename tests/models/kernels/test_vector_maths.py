"""Logarithms and exponentials are those of libm, but for the last bits."""

from __future__ import annotations

import numpy as np
from numba import njit

from models.kernels.vector_maths import room, take_exponentials, take_logs


@njit
def logs(x: np.ndarray) -> None:
    take_logs(x)


@njit
def exponentials(x: np.ndarray) -> None:
    take_exponentials(x)


@njit
def squares_in_two_rooms(n: int) -> float:
    total = 0.0
    for _ in range(n):
        first, second = room(24), room(24)
        for j in range(24):
            first[j], second[j] = j, j * j
        for j in range(24):
            total += second[j] - first[j] * first[j] + 1.0
    return total


def test_logarithms_of_all_sizes() -> None:
    rng = np.random.default_rng(5)
    near_one = 1.0 + rng.normal(0.0, 1e-7, 20_000)
    x = np.concatenate(
        [rng.uniform(0.1, 4.0, 50_000), 2.0 ** rng.uniform(-1000, 1000, 50_000), near_one, [1.0]]
    )
    found = x.copy()
    logs(found)
    np.testing.assert_allclose(found, np.log(x), rtol=5e-16, atol=0.0)


def test_exponentials_of_all_sizes() -> None:
    rng = np.random.default_rng(6)
    x = np.concatenate([rng.uniform(-700, 700, 50_000), rng.uniform(-1.0, 1.0, 50_000), [0.0]])
    found = x.copy()
    exponentials(found)
    np.testing.assert_allclose(found, np.exp(x), rtol=5e-16)


def test_each_room_is_its_own() -> None:
    assert squares_in_two_rooms(1_000) == 24_000.0
