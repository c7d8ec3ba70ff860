"""Which parts of a total may be told to outsiders beside the total itself."""

from __future__ import annotations

from collections.abc import Sequence


def withheld(users: Sequence[int], least: int) -> set[int]:
    """Places of the parts that stay untold: those of fewer than `least` users, and with them the smallest of
    the others, so that what the total has beyond the parts that are told is of at least `least` users as
    well."""
    few = {at for at, count in enumerate(users) if count < least}
    others = [at for at in range(len(users)) if at not in few]
    if few and others:
        few.add(min(others, key=lambda at: users[at]))
    return few
