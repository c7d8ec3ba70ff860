"""Types of kernels' arguments. Arrays are contiguous and aligned; one that a kernel only reads may be
read-only."""

from __future__ import annotations

from typing import Any

from numba import from_dtype, types


def record(dtype: Any) -> Any:
    """One element of structured rows."""
    return from_dtype(dtype)


def rows(dtype: Any) -> Any:
    """Structured rows, shape (n,)."""
    return from_dtype(dtype)[::1]


def vector(scalar: Any) -> Any:
    """Shape (n,)."""
    return scalar[::1]


def matrix(scalar: Any) -> Any:
    """Shape (n, m)."""
    return scalar[:, ::1]


def read_only(array: Any) -> Any:
    """The same array, which the kernel does not write."""
    return array.copy(readonly=True)


def pair(scalar: Any) -> Any:
    """A tuple of two."""
    return types.UniTuple(scalar, 2)


def triple(scalar: Any) -> Any:
    """A tuple of three."""
    return types.UniTuple(scalar, 3)


def named_tuple(cls: type, *members: Any) -> Any:
    """A NamedTuple with members of these types; numba has a type of its own for members all alike."""
    if len(set(members)) == 1:
        return types.NamedUniTuple(members[0], len(members), cls)
    return types.NamedTuple(members, cls)
