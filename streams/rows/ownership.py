"""Whose rows count: every changelog record names the owner that wrote it, and what an earlier owner appended
after a later one is beaten.

The fences of two rows need not be comparable, and a removal has none; owners always are.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

OWNER_HEADER: Final = "o"


class Owner(NamedTuple):
    """Number of an assignment of one lane. Each takes the next term behind the one it finds in the changelog;
    two that found the same differ by the group's generation."""

    term: int
    generation: int

    def stamped(self) -> tuple[str, bytes]:
        """The header of its changelog records."""
        return OWNER_HEADER, b"%d %d" % self


NOBODY: Final = Owner(0, 0)


class Succession:
    """The owners of one lane as its changelog tells them, record by record in order."""

    def __init__(self, newest: Owner = NOBODY) -> None:
        self.newest = newest

    def is_beaten(self, headers: Iterable[tuple[str, bytes]]) -> bool | None:
        """Whether the next record is of an owner that was followed by another before it; None = it does not
        say whose it is."""
        owner = owner_of(headers)
        if owner is None:
            return None
        if owner < self.newest:
            return True
        self.newest = owner
        return False


def owner_of(headers: Iterable[tuple[str, bytes]]) -> Owner | None:
    """Who wrote a changelog record; None = a build that did not say."""
    for name, value in headers:
        if name == OWNER_HEADER:
            return parsed_owner(value)
    return None


@lru_cache(maxsize=64)
def parsed_owner(value: bytes) -> Owner:
    """The owner that a header or a store names. Raises ValueError."""
    term, generation = value.split()
    return Owner(int(term), int(generation))
