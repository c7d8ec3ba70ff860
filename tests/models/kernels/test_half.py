"""Halves by bit arithmetic equal numpy's casts."""

from __future__ import annotations

import numpy as np
from numba import njit

from models.kernels.half import float_to_half, half_to_float


@njit
def widen(bits: np.ndarray) -> np.ndarray:
    out = np.empty(bits.size)
    for i in range(bits.size):
        out[i] = half_to_float(bits[i])
    return out


@njit
def narrow(values: np.ndarray) -> np.ndarray:
    out = np.empty(values.size, np.uint16)
    for i in range(values.size):
        out[i] = float_to_half(values[i])
    return out


def test_every_half_widens_as_numpy_does() -> None:
    bits = np.arange(65_536, dtype=np.uint16)
    np.testing.assert_array_equal(widen(bits), bits.view(np.float16).astype(np.float64))


def test_floats_round_to_the_nearest_half_ties_to_even() -> None:
    rng = np.random.default_rng(3)
    bits = np.arange(0x7C00, dtype=np.uint16)
    halves = bits.view(np.float16).astype(np.float32)
    ties = (halves[1:] + halves[:-1]) / 2
    anything = rng.integers(0, 2**32, 200_000, dtype=np.uint32).view(np.float32)
    around = rng.normal(0, 1, 50_000).astype(np.float32)
    edges = np.array([0.0, -0.0, 65_503.9, 65_504, 65_519.99, 65_520, 65_536, np.inf, -np.inf], np.float32)
    values = np.concatenate([ties, -ties, np.nextafter(ties, np.float32(np.inf)), anything, around, edges])
    with np.errstate(over="ignore"):
        expected = values.astype(np.float16)
    found = narrow(values).view(np.float16)
    nan = np.isnan(values)
    assert np.isnan(found[nan]).all()
    np.testing.assert_array_equal(found[~nan].view(np.uint16), expected[~nan].view(np.uint16))
