"""IEEE 754 binary16 by bit arithmetic, for kernels (numba has no float16 on the CPU). Both ways equal numpy's
casts."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.kernels.compiled import part

_TWO_112: Final = 2.0**112


@part
def half_to_float(bits: Any) -> Any:
    """The float64 value of the half with pattern `bits` (uint16); exact."""
    b = np.int64(bits)
    magnitude = np.float64(np.uint32((b & 0x7FFF) << 13).view(np.float32)) * _TWO_112
    if b & 0x7C00 == 0x7C00:
        magnitude = np.float64(np.uint32((b & 0x7FFF) << 13 | 0x7F800000).view(np.float32))
    return -magnitude if b & 0x8000 else magnitude


@part
def float_to_half(value: Any) -> Any:
    """The uint16 pattern of the half nearest to float32(value), ties to even; overflow gives infinity, as
    numpy's cast does."""
    u = np.int64(np.float32(value).view(np.uint32))
    sign = (u >> 16) & 0x8000
    u &= 0x7FFFFFFF
    if u >= 0x47800000:  # 65536 and up, infinity, nan
        bits = np.int64(0x7E00) if u > 0x7F800000 else np.int64(0x7C00)
    elif u < 0x38800000:  # below 2^-14: adding 0.5 lets the float32 adder round to the subnormal grid
        bits = (
            np.int64(np.float32(np.uint32(u).view(np.float32) + np.float32(0.5)).view(np.uint32)) - 0x3F000000
        )
    else:
        bits = (u - 0x38000000 + 0xFFF + ((u >> 13) & 1)) >> 13
    return np.uint16(sign | bits)
