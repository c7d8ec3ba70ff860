"""Logarithms and exponentials for loops over a few numbers, of which the processor takes several at a time;
libm takes one. To an ulp or two, and the same on every processor."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic, register_jitable
from numba.np.arrayobj import populate_array

unchecked: Final[Any] = register_jitable(error_model="numpy")
"""A part that does not ask of each division whether it is one by 0: then the compiler would take the numbers
singly."""

_SQRT_HALF: Final = 0x3FE6A09E667F3BCD
_BIAS: Final = 1023
_TWO_52: Final = 2.0**52
_TWO_52_BITS: Final = 0x4330000000000000
_LN2: Final = math.log(2.0)
_LN2_HIGH: Final = float.fromhex("0x1.62e42fefa3800p-1")
_LN2_LOW: Final = float.fromhex("0x1.ef35793c76730p-45")
_LOG2_E: Final = 1.0 / _LN2
_ROUNDS: Final = 1.5 * 2.0**52
"""Added to a small number it leaves the nearest integer in the low bits of the sum."""


def _room(typing: Any, n: Any) -> Any:
    """`n` float64 of any value, n a literal, on the stack: for as long as the function runs that asks for
    them."""
    array = types.Array(types.float64, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        size = n.literal_value
        made = context.make_array(array)(context, builder)
        number = context.get_constant
        populate_array(
            made,
            cgutils.alloca_once(builder, ir.DoubleType(), size),
            [number(types.intp, size)],
            [number(types.intp, 8)],
            number(types.intp, 8),
            None,
        )
        return made._getvalue()  # noqa: SLF001 - the name numba gives it

    return array(n), generate


room: Any = np.empty if config.DISABLE_JIT else intrinsic(prefer_literal=True)(_room)


@unchecked
def take_logs(x: Any) -> None:
    """Natural logarithms in place, of normal positive numbers."""
    for i in range(x.size):
        bits = np.uint64(np.float64(x[i]).view(np.uint64))
        power = (bits - np.uint64(_SQRT_HALF) + np.uint64(_BIAS << 52)) >> np.uint64(52)
        part = np.uint64(bits - ((power - np.uint64(_BIAS)) << np.uint64(52))).view(np.float64)  # .7 to 1.4
        exponent = np.uint64(power | np.uint64(_TWO_52_BITS)).view(np.float64) - (_TWO_52 + _BIAS)
        z = (part - 1.0) / (part + 1.0)
        w = z * z
        rest = 1.0 / 21.0
        for odd in (19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0):
            rest = rest * w + 1.0 / odd
        x[i] = exponent * _LN2 + (2.0 * z + 2.0 * z * w * rest)


@unchecked
def take_exponentials(x: Any) -> None:
    """e^x in place, of -700 to 700."""
    for i in range(x.size):
        shifted = x[i] * _LOG2_E + _ROUNDS
        power = shifted - _ROUNDS
        r = (x[i] - power * _LN2_HIGH) - power * _LN2_LOW
        total = 1.0
        for n in (13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0):
            total = total * r * (1.0 / n) + 1.0
        bits = np.float64(total).view(np.uint64) + (np.float64(shifted).view(np.uint64) << np.uint64(52))
        x[i] = np.uint64(bits).view(np.float64)
