"""A group's name in plain words: how active its users are, what they are after, at which end of prices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from models.arrays import FloatArray

OFTEN: Final = 1.5
"""Times the usual number of positives from which a group is active."""
DEARER: Final = 0.3
"""Price z apart from everybody's from which prices are told: a tier's width."""
MARKED: Final = 1.15
"""Times the usual share from which an interest marks a group."""
_BUYERS: Final = 0.5
_WORDS: Final = 2
"""Interests in a name."""


class Traits(NamedTuple):
    """Of the median user of a group, but for `buyers`."""

    positives: float  # in the time that the log spans
    days_quiet: float  # from the user's last positive to the log's
    price_z: float  # of what is taken; 0 = usual for its category
    buyers: float  # share of users who bought anything
    spent_minor: float  # per sale, of those who did


def named_portrait(
    traits: Traits,
    usual: Traits,
    interests: FloatArray,
    usual_interests: FloatArray,
    code_names: tuple[str, ...],
    taken: Sequence[str] = (),
) -> str:
    """Unlike those `taken`: more of its interests are named, and at last it is numbered."""
    marks = marking(interests, usual_interests)
    words = [code_names[code].rpartition(".")[2] for code in marks if code < len(code_names)]
    who = f"{_activity(traits, usual)} {'buyers' if traits.buyers >= _BUYERS else 'browsers'}"
    end = _prices(traits, usual)
    for told in range(min(_WORDS, len(words)), len(words) + 1):
        name = f"{who} of {_listed(words[:told])}{end}" if told else f"{who} of everything{end}"
        if name not in taken:
            return name
    return f"{name} {len(taken) + 1}"


def marking(interests: FloatArray, usual: FloatArray) -> list[int]:
    """Codes that tell a group (codes,) from everybody, the most telling first: by how much they add to the
    divergence of the two."""
    told = interests * np.log(interests / usual)
    order = np.argsort(-told, kind="stable")
    return [int(code) for code in order if interests[code] >= MARKED * usual[code]]


def _activity(traits: Traits, usual: Traits) -> str:
    lapsed = traits.days_quiet > max(2 * usual.days_quiet, 1.0)
    if traits.positives >= OFTEN * usual.positives:
        return "Once frequent" if lapsed else "Frequent"
    if traits.positives * OFTEN <= usual.positives:
        return "Lapsed" if lapsed else "Occasional"
    return "Former" if lapsed else "Regular"


def _prices(traits: Traits, usual: Traits) -> str:
    apart = traits.price_z - usual.price_z
    return ", at the dear end" if apart >= DEARER else ", at the cheap end" if apart <= -DEARER else ""


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
