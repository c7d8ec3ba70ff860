"""Layouts that were, in short: `fields_of("u4 t_imp t_click", "f4:6 top_score")`."""

from __future__ import annotations

from typing import Any


def fields_of(*groups: str) -> list[tuple[Any, ...]]:
    """Fields of a dtype: per group a type, with `:n` an array of n, then the names that have it."""
    found: list[tuple[Any, ...]] = []
    for group in groups:
        kind, *names = group.split()
        base, _, n = kind.partition(":")
        found += [(name, f"<{base}", (int(n),)) if n else (name, f"<{base}") for name in names]
    return found
