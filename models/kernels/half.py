"""IEEE 754 binary16 for kernels (numba has no float16 on the CPU): by the processor's own instructions, which
take several at a time, else by bit arithmetic. Both ways equal numpy's casts, but that there is one nan."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic, overload

from models.kernels.compiled import part

BY_INSTRUCTION: Final = config.CPU_NAME == "x86-64-v3" and not config.DISABLE_JIT
"""Whether kernels are compiled for a processor that is known to have them."""
_TWO_112: Final = 2.0**112
_HALF, _BITS = ir.HalfType(), ir.IntType(16)
_NAN: Final = 0x7E00


def half_to_float(bits: Any) -> Any:
    """The float64 value of the half with pattern `bits` (uint16); exact."""
    b = np.int64(bits)
    magnitude = np.float64(np.uint32((b & 0x7FFF) << 13).view(np.float32)) * _TWO_112
    if b & 0x7C00 == 0x7C00:
        magnitude = np.float64(np.uint32((b & 0x7FFF) << 13 | 0x7F800000).view(np.float32))
    return -magnitude if b & 0x8000 else magnitude


def float_to_half(value: Any) -> Any:
    """The uint16 pattern of the half nearest to float32(value), ties to even; overflow gives infinity, as
    numpy's cast does."""
    u = np.int64(np.float32(value).view(np.uint32))
    sign = (u >> 16) & 0x8000
    u &= 0x7FFFFFFF
    if u >= 0x47800000:  # 65536 and up, infinity, nan
        bits = np.int64(_NAN) if u > 0x7F800000 else np.int64(0x7C00)
    elif u < 0x38800000:  # below 2^-14: adding 0.5 lets the float32 adder round to the subnormal grid
        bits = (
            np.int64(np.float32(np.uint32(u).view(np.float32) + np.float32(0.5)).view(np.uint32)) - 0x3F000000
        )
    else:
        bits = (u - 0x38000000 + 0xFFF + ((u >> 13) & 1)) >> 13
    return np.uint16(sign | bits)


@intrinsic
def _widened(typing: Any, bits: Any) -> Any:

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        single = builder.fpext(builder.bitcast(arguments[0], _HALF), ir.FloatType())
        return builder.fpext(single, ir.DoubleType())

    return types.float64(types.uint16), generate


@intrinsic
def _narrowed(typing: Any, value: Any) -> Any:

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(builder.fptrunc(arguments[0], _HALF), _BITS)
        nan = builder.or_(builder.and_(bits, _BITS(0x8000)), _BITS(_NAN))
        return builder.select(builder.fcmp_unordered("uno", arguments[0], arguments[0]), nan, bits)

    return types.uint16(types.float32), generate


if BY_INSTRUCTION:
    overload(half_to_float)(lambda bits: lambda bits: _widened(np.uint16(bits)))
    overload(float_to_half)(lambda value: lambda value: _narrowed(np.float32(value)))
else:
    half_to_float, float_to_half = part(half_to_float), part(float_to_half)
