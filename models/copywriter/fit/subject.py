"""Sentences of a row that leave out the thing as their subject: "Folds flat for the cupboard"."""

from __future__ import annotations

import re
from typing import Final

_ACTS: Final = {
    "en": re.compile(
        r"(?:^|[.!?] )(?:comes|fits|holds|includes|weighs|contains|keeps|gives|makes|takes|needs|brings|lets"
        r"|allows|serves|stays|offers|hangs|sits|has|is|does|goes|folds|runs|stands|measures|lasts|works|opens|closes|turns"
        r"|slides|locks|clips|snaps|stacks|rolls|packs|burns|floats|screws|tilts|dries|wipes|cuts|stores|cleans"
        r"|charges|glows|grows|sounds|feels|looks|plays|rests|nests|counts|mixes|smells|tastes|leaves|covers"
        r"|protects|attaches|adjusts|dims|switches|shows|reads|reaches|supports|softens|steeps|buffs|sets)\b",
        re.I,
    ),
    "de": re.compile(
        r"(?:^|[.!?] )(?:[A-ZÄÖÜ][a-zäöüß]+t|Wird) (?!(?:aus|und|oder|der|des|von)\b)[a-zäöüß\d]"
    ),
}
"""How they begin: in German with a verb, whose ending a few nouns have too."""


def has_no_subject(text: str, language: str) -> bool:
    """Whether a sentence of some begins so: of many things it is wrong in English, and behind one about the
    price it is the price that folds flat."""
    acts = _ACTS.get(language)
    return acts is not None and acts.search(text) is not None
