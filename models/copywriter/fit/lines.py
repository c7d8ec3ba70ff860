"""Which lines with pointers go with an item: none that sells a service like goods, none that runs a title
that is a list into a sentence."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from models.brief.brief import Brief, language_of
from models.brief.slots import said_title, slot_texts
from models.copywriter.fit.kinds import is_refused, kinds_of
from models.copywriter.fit.services import is_doing, is_service
from models.text.normalise import fold_text

_GOODS: Final = {
    "en": re.compile(
        r"\b(?:has (?:it|them|the)|ha(?:s|ve) (?:one|some)|sells?|sold|shop|shopping|buy|buying|order|found"
        r"|find (?:it|them|your)|get (?:it|them|the|your)|seen|see (?:it|them|the)|yours?|yourself|own"
        r"|we have|look(?: at| for)?|(?:it|them) at|about (?:it|them)|get to know|(?:it|they) costs?"
        r"|know the|available|one <noun>|go for|brings you|choosing|fancy|discover|yet|after <anoun>)\b",
        re.I,
    ),
    "de": re.compile(
        r"\b(?:hat das|shop|bestell\w*|kaufen|zu haben|gibt es|erhältlich|sortiment|bald bei dir|her damit"
        r"|fehlt noch|gefunden|entdeckt|deins|greif|schau|guck|ansehen|hier zu sehen|schon gesehen|zu finden"
        r"|hier findest|zeigen|präsentiert|blick|einmal|für dich|gönn)\b",
        re.I,
    ),
    "zh": re.compile(
        r"选|入手|有售|售价|想买|店|找到|备好|有<noun>|出品|逛|有！|挑|来看|细看|看看|还缺|认识|订购|下单|收藏|收好|在找"
    ),
}
"""How a thing is offered that a shop holds: also as found, seen, bought and owned."""
_UNITS: Final = re.compile(r"\d|\bw/|[/|()+×–,;]|\s-\s", re.I)
_SENT: Final = re.compile(
    r"\b(?:ship\w*|deliver\w*|dispatch\w*|returns?|spare parts|packed|versand\w*|versendet|liefer\w*|rückgabe"
    r"|ersatzteile)\b|发货|包邮|配送|退换|退货|破损",
    re.I,
)
"""What is promised of goods alone."""
_COUNTED: Final = re.compile(r"<anoun>|<nouns>|\bthe <(?:noun|short|title)>|\bone <noun>", re.I)
_MOST_WORDS: Final = 6
_MOST_HAN: Final = 8
_APART: Final = re.compile(r"(?:(?:.*[:：]\s*)?<title>[.。]?|<title>，.*)", re.I)
"""The title stands by itself, after a colon, or before a Chinese comma."""
_COLON: Final = re.compile("[:：]")
"""One before a title that has one would make two in a sentence."""
_ARTICLE: Final = re.compile(r"\bthe <title>", re.I)
_BY_UNIT: Final = re.compile(
    r"\b(?:per|pro|je|each) \w|/\s?(?:h|hour|day|week|month|m|kg|Stunde|Tag|Monat)\b"
    r"|[每按][小时天周月页张件次人位]",
    re.I,
)
"""A title that says what its price is of: without the title that price says too little."""
_HAS_ARTICLE: Final = re.compile(r"(?:the|an?|your|our|my)\b", re.I)


@lru_cache(maxsize=4096)
def is_listing(brief: Brief) -> bool:
    """Whether a title names sizes, packs and parts like a price list: no sentence has it as its object."""
    title = said_title(brief).strip()
    if language_of(brief.locale) == "zh":
        return len(title) > _MOST_HAN and _UNITS.search(title) is not None
    return _UNITS.search(title) is not None or len(title.split()) > _MOST_WORDS


def suits(line: str, brief: Brief) -> bool:
    """Whether a line with pointers may stand in copy for an item."""
    if is_refused(line, brief):
        return False
    goods = _GOODS.get(language_of(brief.locale))
    if is_service(brief) and ((goods is not None and goods.search(line)) or _SENT.search(line)):
        return False
    kinds = kinds_of(brief)
    if "One <noun>" in line and ("one" not in kinds or "mass" in kinds):
        return False
    if "<anoun>" in line and kinds.issuperset(("one", "mass")):
        return False
    if is_doing(brief) and _COUNTED.search(line):
        return False
    if "<title>" not in line:
        return "<price>" not in line or _BY_UNIT.search(brief.title) is None
    if "<brand>" in line and fold_text(slot_texts(brief).get("brand", "")) in fold_text(brief.title):
        return False
    if _COLON.search(line) and _COLON.search(brief.title):
        return False
    if _ARTICLE.search(line) and not _may_have_article(brief):
        return False
    return not is_listing(brief) or _APART.fullmatch(line) is not None


def _may_have_article(brief: Brief) -> bool:
    """Whether "the" may stand before a title: not of a list, of what is done or has no number, nor where one
    stands already."""
    unnumbered = not kinds_of(brief).isdisjoint(("service", "mass"))
    return not (unnumbered or is_listing(brief) or _HAS_ARTICLE.match(said_title(brief)))
