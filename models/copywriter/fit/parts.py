"""A headline or a sentence, as one part of a copy among others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.brief.said_twice import NAMING

PASSAGE: Final = "<passage>"
NEW: Final = 0.5
"""Least share of a part's neighbouring words that are new, for it to count as new."""
_PRICED: Final = re.compile(
    r"\b(?:(?:it|they) costs?|the price is|priced at|(?:das|es|er|sie) kostet|der preis|preis:)[^<]*<price>"
    r"|^(?:for|für|at) <price>",
    re.I,
)

_CALLS: Final = {
    "to ask": re.compile(r"\bask\b|questions\?|tell you more|\bfrag\b|mehr dazu|可问|咨询|尽管问", re.I),
    "to look": re.compile(
        r"^(?:find|look|see)\b|have a look|come and see|zu finden|sieh selbst|来<brand>|进店|点开|看看", re.I
    ),
}
"""What sentences call for that state nothing else."""


@dataclass(frozen=True)
class Part:
    """A headline or sentence in pointers; `shown` as it is read, `newness` the share of its neighbouring
    words that the item's other copy does not say."""

    text: str
    shown: str
    newness: float
    passage: str = ""
    drafted: bool = True

    @property
    def names(self) -> bool:
        return any(f"<{slot}>" in self.text for slot in NAMING)

    @property
    def prices(self) -> bool:
        """Whether it gives the price of whatever the sentence before it is about."""
        return _PRICED.search(self.text) is not None and not self.names

    @property
    def calls(self) -> str:
        """What a sentence of the writer's calls for, to ask or to look; "" of any other."""
        if self.passage or "<title>" in self.text:
            return ""
        return next((name for name, form in _CALLS.items() if form.search(self.text)), "")

    @property
    def is_new(self) -> bool:
        return self.newness >= NEW

    @property
    def tells(self) -> bool:
        """Whether it says something of the row or the campaign beyond name and brand."""
        told = ("<fact>", "<price>", "<save>")
        return bool(self.passage) or not self.drafted or any(each in self.text for each in told)

    @property
    def only_names(self) -> bool:
        """Whether it says what the item is called, or nothing at all, and no more."""
        told = (PASSAGE, "<price>", "<save>", "<brand>", "<fact>")
        return self.drafted and not any(each in self.text for each in told)


def priced_as_named(sentences: Sequence[Part]) -> list[Part]:
    """The price directly behind what names the item, or before all else: behind another sentence it would be
    the price of what that one is about."""
    ordered = [each for each in sentences if not each.prices]
    behind = max((number for number, each in enumerate(ordered, 1) if each.names), default=0)
    ordered[behind:behind] = [each for each in sentences if each.prices]
    return ordered
