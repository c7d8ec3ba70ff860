"""Names for array types that several rooms hand to each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
Rows = np.ndarray[Any, np.dtype[np.void]]
"""Structured rows, shape (n,); each begins with the fields of models.row.HEADER. Version 0 = no such row."""
Row = Any
"""One element of Rows: numpy.void outside of numba, a record inside."""


def over(shape: int | tuple[int, ...], dtype: DTypeLike, memory: bytearray | NDArray[Any]) -> Any:
    """An array over the first bytes of `memory`, which is contiguous; writable where that is.

    As `view` and `repeat` would give it, which walk through all fields of a structured dtype first: for a row
    of a profile that takes longer than most events do.
    """
    return np.ndarray(shape, dtype, memory)
