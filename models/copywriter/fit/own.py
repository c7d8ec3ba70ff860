"""What copy for a brief may say in the words of its row and its campaign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.brief.brief import Brief
from models.brief.passage import headlines_of, passages_of
from models.brief.slots import offered_facts
from models.copywriter.checked import Checker
from models.copywriter.fit.kinds import kinds_of
from models.text.normalise import clean

_OFFER: Final = 60
_OF_THE_PRICE: Final = re.compile(r"\b(?:prices?|priced|costs?|preise?|kostet|kosten)\b|价格|价钱|售价", re.I)
"""A sentence of a row that speaks of the price leaves open which, where the copy does not give it."""
_OF_ONE: Final = re.compile(
    r"(?:^|[.!?] )(?:comes|fits|holds|includes|weighs|contains|keeps|gives|makes|takes|needs|brings|lets"
    r"|allows|serves|stays|offers|hangs|sits|has|is|does|goes|folds|runs|stands|measures|lasts|works|opens|closes|turns"
    r"|slides|locks|clips|snaps|stacks|rolls|packs|burns|floats|screws|tilts|dries|wipes|cuts|stores|cleans"
    r"|charges|glows|grows|sounds|feels|looks|plays|rests|nests|counts|mixes|smells|tastes|leaves|covers"
    r"|protects|attaches|adjusts|dims|switches|shows|reads|reaches|supports|softens|steeps|buffs|sets)\b",
    re.I,
)
"""How English sentences begin that leave out one thing as their subject: of many it is wrong."""


@dataclass(frozen=True)
class Own:
    """What copy for a brief may say in the words of its row and its campaign: in a description, as a
    headline, of what is offered with the item."""

    passages: tuple[str, ...]
    headlines: tuple[str, ...]
    offers: tuple[str, ...] = ()

    @classmethod
    def of(cls, brief: Brief, checker: Checker) -> Own:
        """Nothing that the rules of the brief refuse."""

        def sayable(texts: Sequence[str]) -> tuple[str, ...]:
            return tuple(each for each in texts if "<" not in each and not checker.refuses(each))

        offers = () if brief.must_use else [clean(each, _OFFER) for each in offered_facts(brief)]
        many = "many" in kinds_of(brief)
        rows = [
            [each for each in texts if not (_OF_THE_PRICE.search(each) or (many and _OF_ONE.search(each)))]
            for texts in (passages_of(brief), headlines_of(brief))
        ]
        return cls(sayable(rows[0]), sayable(rows[1]), sayable(offers))
