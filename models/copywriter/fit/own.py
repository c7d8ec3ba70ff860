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
from models.copywriter.fit.subject import has_no_subject
from models.text.normalise import clean

_OFFER: Final = 60
_OF_THE_PRICE: Final = re.compile(r"\b(?:prices?|priced|costs?|preise?|kostet|kosten)\b|价格|价钱|售价", re.I)
"""A sentence of a row that speaks of the price leaves open which, where the copy does not give it."""


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

        def fits(text: str) -> bool:
            return not (_OF_THE_PRICE.search(text) or (many and has_no_subject(text, "en")))

        passages, headlines = (
            list(filter(fits, texts)) for texts in (passages_of(brief), headlines_of(brief))
        )
        return cls(sayable(passages), sayable(headlines), sayable(offers))
