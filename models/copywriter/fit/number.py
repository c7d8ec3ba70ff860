"""English nouns of which nobody can tell whether they are counted: "amchoor" of a spice, "koji" of 500 g."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from models.brief.brief import Brief, language_of
from models.brief.slots import grammatical_number, said_title, shown_noun
from models.copywriter.fit.services import is_service
from models.text.normalise import fold_text

_STUFF: Final = re.compile(
    r"\b(?:spices?|foods?|grocer(?:y|ies)|pantry|larder|teas?|coffee|herbs?|seasonings?|condiments?|ingredients?"
    r"|flours?|meals?|vinegars?|baking|dairy|cheeses?|meat|fish|seafood|drinks?|beverages?|wines?|beers?|spirits|yarns?|wool|fabrics?"
    r"|textiles?|fibres?|paints?|pigments?|glazes?|inks?|dyes?|wax(?:es)?|soaps?|cosmetics?|skincare|haircare"
    r"|oils?|resins?|feeds?|soils?|adhesives?)\b"
)
"""Words of categories in which things are weighed and poured, not counted."""
_MEASURED: Final = re.compile(
    r"\d\s?(?:g|kg|mg|ml|cl|l|oz|fl oz|lbs?|litres?|liters?|grams?)\b"
    r"|\b(?:jar|bag|tin|bottle|packet|sack) of\b"
)
_COUNTED: Final = re.compile(
    r"(?:er|tor|sor|box|jar|tin|bag|pack|set|kit|bottle|mug|cup|board|knife|mill|basket|bowl|spoon|pan|pot|tube|block|bar"
    r"|brush|lamp|candle|cake|pie|tray|rack|stand|case|bed|tent|bell|ball|vest|hook|clamp|pump|tank|machine|scale)$"
)
"""Ends of heads that are counted whatever they weigh or hold."""


@lru_cache(maxsize=4096)
def may_be_mass(brief: Brief) -> bool:
    """Whether a noun that looks like one thing may be stuff: its row gives a weight or a volume, or its
    category is of such things, and nothing says that its head is counted. Copy of it has no article."""
    noun = fold_text(shown_noun(brief))
    if language_of(brief.locale) != "en" or grammatical_number(noun) != "sg" or is_service(brief):
        return False
    if not noun or _COUNTED.search(noun):
        return False
    measured = _MEASURED.search(fold_text(said_title(brief)))
    return measured is not None or _STUFF.search(fold_text(brief.category)) is not None
