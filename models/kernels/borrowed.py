"""Arrays without reference counts, for kernels that call others for every event.

Numba counts a reference, atomically, for each array that a function hands to another: that may cost more than
what the function does.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic


def _members(builder: Any, tuple_: Any, kind: Any) -> list[Any]:
    return [builder.extract_value(tuple_, i) for i in range(len(kind.types))]


def _without_owner(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    view = context.make_array(kind)(context, builder, value=array)
    for owner in ("meminfo", "parent"):
        setattr(view, owner, ir.Constant(getattr(view, owner).type, None))
    return view._getvalue()  # noqa: SLF001 - the name numba gives it


def _borrowed(typing: Any, value: Any) -> Any:

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if isinstance(value, types.Array):
            return _without_owner(context, builder, value, arguments[0])
        members = [
            _without_owner(context, builder, kind, member) if isinstance(kind, types.Array) else member
            for kind, member in zip(value.types, _members(builder, arguments[0], value), strict=True)
        ]
        return context.make_tuple(builder, value, members)

    return value(value), generate


borrowed: Any = (lambda value: value) if config.DISABLE_JIT else intrinsic(_borrowed)
"""The same array, or named tuple of arrays and numbers, without its owner, which must outlive it: an argument
does, a local may not."""
