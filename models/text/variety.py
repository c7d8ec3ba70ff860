"""What a copy says that others for the same item have not said: neighbouring words that are new. Pure."""

from __future__ import annotations

from collections.abc import Set

from models.text.units import pairs, units

Pairs = frozenset[tuple[str, str]]


def said_pairs(headline: str, description: str) -> Pairs:
    """Neighbouring words of a copy, as distinct-2 counts them."""
    return frozenset(pairs(units(f"{headline} \n {description}")))


def new_share(own: Pairs, said: Set[tuple[str, str]]) -> float:
    """Share of a copy's pairs that nothing in `said` says; 1 where it has none."""
    return len(own - said) / len(own) if own else 1.0
