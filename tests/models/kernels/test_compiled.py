"""A kernel has one signature: it is compiled once, and other argument types are refused."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from numba import njit
from numba.types import float64, int64

import models
from models.kernels.argument_types import read_only, vector
from models.kernels.compiled import Kernel, compile_kernels, count_compilations, kernel, part

ROOT = Path(models.__file__).parents[1]


@part
def squared(x):  # type: ignore[no-untyped-def]
    return x * x


@kernel(read_only(vector(float64)), int64)
def squares(values, first):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(first, len(values)):
        total += squared(values[i])
    return total


def test_a_kernel_compiles_once_and_takes_what_fits() -> None:
    values = np.arange(3.0)
    assert squares(values, 1) == 5.0
    compiled = count_compilations()
    frozen = values.copy()
    frozen.flags.writeable = False
    assert squares(frozen, np.uint8(0)) == 5.0
    assert squares(values[1:], True) == 4.0
    assert len(squares.signatures) == 1 and count_compilations() == compiled


@pytest.mark.parametrize("values", [np.arange(3), np.arange(3, dtype=np.float32), np.arange(6.0)[::2]])
def test_other_types_are_refused(values: np.ndarray) -> None:
    with pytest.raises(TypeError, match="No matching definition"):
        squares(values, 0)
    assert len(squares.signatures) == 1


def test_what_was_declared_is_compiled_at_once_and_a_later_call_compiles_nothing() -> None:
    @kernel(int64)
    def twice(x):  # type: ignore[no-untyped-def]
        return squared(x) + squared(x)

    compile_kernels()
    compiled = count_compilations()
    assert twice(3) == 18 and count_compilations() == compiled

    @njit
    def late(x):  # type: ignore[no-untyped-def]
        return twice(x)

    assert late(2) == 8 and count_compilations() > compiled  # the count sees any function
    assert len(twice.signatures) == 1


def test_a_part_is_plain_python_elsewhere() -> None:
    compiled = count_compilations()
    assert squared(3) == 9 and squared("a" and 1.5) == 2.25 and count_compilations() == compiled


def test_nothing_is_compiled_in_any_other_way() -> None:
    """Only models/kernels speaks to numba's compiler; types of arguments are all that others take of it."""
    for package in ("models", "streams", "agents"):
        for path in (ROOT / package).rglob("*.py"):
            if path.parent != ROOT / "models" / "kernels":
                assert names_of_numba(path) <= {"typeof", "types"}, path
    assert isinstance(squares, Kernel)


def names_of_numba(path: Path) -> set[str]:
    """What a module imports from numba, `types` for all of numba.types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "numba"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "numba":
            inside = node.module == "numba.types"
            found |= {"types"} if inside else {alias.name for alias in node.names}
    return found
