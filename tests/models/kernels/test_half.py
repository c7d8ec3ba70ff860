"""Halves equal numpy's casts, by instruction and by bit arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numba import njit

from models.kernels.half import float_to_half, half_to_float

Conversion = Callable[[Any], Any]
WAYS = ["as kernels do", "by bits"]


def of_each(convert: Conversion, to: Any) -> Conversion:
    """A loop over an array."""

    @njit
    def loop(values: Any) -> Any:
        out = np.empty(values.size, to)
        for i in range(values.size):
            out[i] = convert(values[i])
        return out

    return loop


WIDEN = [of_each(half_to_float, np.float64), of_each(njit(half_to_float), np.float64)]
NARROW = [of_each(float_to_half, np.uint16), of_each(njit(float_to_half), np.uint16)]
"""What kernels call, the instruction where there is one; and the function itself compiled, always by bits."""


@pytest.mark.parametrize("widened", WIDEN, ids=WAYS)
def test_every_half_widens_as_numpy_does(widened: Conversion) -> None:
    bits = np.arange(65_536, dtype=np.uint16)
    np.testing.assert_array_equal(widened(bits), bits.view(np.float16).astype(np.float64))


@pytest.mark.parametrize("narrowed", NARROW, ids=WAYS)
def test_floats_round_to_the_nearest_half_ties_to_even(narrowed: Conversion) -> None:
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
    found = narrowed(values).view(np.float16)
    nan = np.isnan(values)
    assert set(found[nan].view(np.uint16).tolist()) <= {0x7E00, 0xFE00}
    np.testing.assert_array_equal(found[~nan].view(np.uint16), expected[~nan].view(np.uint16))


@pytest.mark.parametrize("narrowed", NARROW, ids=WAYS)
def test_a_double_is_rounded_to_a_float_first(narrowed: Conversion) -> None:
    between = 1.0 + 2.0**-11 + 2.0**-40  # above the tie as a double, on it as a float
    assert narrowed(np.array([between])).tolist() == [0x3C00]
