"""Bytes by their address, for kernels that look at texts.

An array handed from function to function costs a reference count each time, more than a short text costs to
read; an address costs nothing. The caller keeps the array alive, and 8 readable bytes behind it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


@intrinsic
def byte(typing: Any, address: Any) -> Any:
    """The byte at an address."""
    return types.uint8(types.intp), _loads(8)


@intrinsic
def word(typing: Any, address: Any) -> Any:
    """The 8 bytes from an address on as a uint64 in the machine's order, which is little endian wherever this
    runs."""
    return types.uint64(types.intp), _loads(64)


@intrinsic
def put(typing: Any, address: Any, value: Any) -> Any:
    """Sets the byte at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[1], builder.inttoptr(arguments[0], ir.IntType(8).as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(types.intp, types.uint8), generate


def _loads(bits: int) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(builder.inttoptr(arguments[0], ir.IntType(bits).as_pointer()), align=1)

    return generate
