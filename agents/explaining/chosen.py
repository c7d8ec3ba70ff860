"""Why a creative is of this campaign and this item: in the words that hold for how it came about."""

from __future__ import annotations

from typing import Final, NamedTuple

from agents.creatives.plan import PAST_POLICY
from streams import records as r


class ChoiceReasons(NamedTuple):
    """Reasons, in words."""

    campaign: str
    item: str


_DRAWN: Final = ChoiceReasons(
    "of those eligible, the one with the item nearest to the interest",
    "drawn from the campaign's ten nearest, the nearer the likelier",
)
_RETURNED: Final = ChoiceReasons(
    "the interest is one of before, and this campaign was shown then",
    "the one that was shown then: its copy is published again, nothing was drawn",
)
_OF_GROUP: Final = ChoiceReasons(
    "its own for a group of users: each campaign has them, none was chosen among others",
    "of the campaign's items the nearest to the group, drawn for no one",
)
_OF_ALL: Final = ChoiceReasons(
    "its own for whoever has no other: each campaign has one per slot, none was chosen among others",
    "of the campaign's items the nearest to all users together, drawn for no one",
)


def chosen_because(audience: str, policy_version: str | None) -> ChoiceReasons:
    """By the type of the audience and the policy that drew, if one did."""
    shared = {"segment": _OF_GROUP, "default": _OF_ALL}.get(audience)
    return shared or (_RETURNED if policy_version == PAST_POLICY else _DRAWN)


def audience_of(creative: r.Creative | None) -> str:
    """Its type; of a creative that is gone, a user's: only those are found by how their request ended."""
    return creative.audience.type if creative is not None else "user"
