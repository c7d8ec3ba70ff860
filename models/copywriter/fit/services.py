"""What is done for people and not handed over: nobody has it in a shop."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final

from models.brief.brief import Brief, language_of
from models.brief.slots import said_title, shown_noun
from models.text.normalise import fold_text

_TABLES: Final = {
    language: {name: frozenset(words.split()) for name, words in table.items()}
    for language, table in tomllib.loads(
        (files("models.copywriter.fit") / "services.toml").read_text("utf-8")
    ).items()
}
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SHORT: Final = 4
_TOLD_HAN: Final = 2
"""Characters before what is done that say what it is done to: 古琴课, 攀岩体验."""
_FOR_A_TIME: Final = re.compile(
    r"\d\s*(?:std|stunden?|min|minuten|tage?|nächte?|hours?|hrs?|h|minutes|days?|nights?)\b.*"
    r"\d\s*(?:personen|gäste|kinder|people|persons|guests|adults|kids)\b",
    re.I,
)
"""Of a title: so many have it for so long, as a sauna by the hour."""
_OF_GOODS: Final = frozenset(("service", "training", "werkstatt", "reise", "reisen", "tour", "touren"))
"""Categories of goods, too: food service, things for training, the workshop, travel."""
_DOINGS: Final = (
    "ing",
    "removal",
    "restoration",
    "renovation",
    "refurbishment",
    "installation",
    "maintenance",
)
_CATEGORIES: Final = frozenset(
    fold_text(each)
    for table in _TABLES.values()
    for name in ("heads", "ends")
    for each in table.get(name, ())
    if (len(each) > 3 or not each.isascii()) and each not in _OF_GOODS
)
"""Whole words of categories, in whatever language they are written."""


@lru_cache(maxsize=4096)
def is_service(brief: Brief) -> bool:
    """Whether the end of its noun or of a Chinese title, a word of its category, or hours and persons in its
    title say that an item is done for people."""
    if _FOR_A_TIME.search(brief.title):
        return True
    parts, language = _WORD.findall(fold_text(brief.category)), language_of(brief.locale)
    named = brief.noun if language != "zh" else f"{brief.noun} {brief.title}"
    return any(
        _is_done(each, brief.title, language) for each in (brief.noun, named)
    ) or not _CATEGORIES.isdisjoint(parts)


def _is_done(noun: str, title: str, language: str) -> bool:
    words, table = _WORD.findall(fold_text(noun)), _TABLES.get(language)
    if not words or table is None:
        return False
    head = words[-1]
    if head in table.get("heads", ()):
        return True
    if language == "en" and head not in _WORD.findall(fold_text(title)):
        return False  # "fishing" of a rod
    ends = tuple(fold_text(each) for each in table["ends"])
    things = tuple(fold_text(each) for each in table["things"])
    if language == "en":  # "king" ends "making", and is no part of it
        things = (
            *(each for each in things if each == head),
            *(each for each in things if len(each) > _SHORT),
        )
    return head.endswith(ends) and not (things and head.endswith(things))


def is_doing(brief: Brief) -> bool:
    """Whether an English service is named by what is done, which has no article: "nib regrinding"."""
    named = brief.noun.casefold().endswith(_DOINGS)
    return named and language_of(brief.locale) == "en" and is_service(brief)


@lru_cache(maxsize=4096)
def noun_says_all(brief: Brief) -> bool:
    """Whether a noun alone says what an item is about. Of what has a name ("The Cloud Room") it does not; of
    a service it does with a word before what is done ("forklift course", "Welpenkurs", "古琴课"), unless
    that is done to a part of who knows what ("frame alignment"), and where the title begins with it and it is
    no bare "course"."""
    noun, title = fold_text(shown_noun(brief)), fold_text(said_title(brief))
    if noun == title:
        return True
    if not is_service(brief):
        return not (title.startswith("the ") and " " not in noun)
    table = _TABLES.get(language_of(brief.locale), {})
    heads = {fold_text(each) for each in table.get("heads", ())}
    ends = {fold_text(each) for each in table.get("ends", ())}
    if noun in heads | ends:
        return False
    if language_of(brief.locale) == "zh":
        compound = any(noun.endswith(each) and len(noun) - len(each) >= _TOLD_HAN for each in ends)
    else:
        compound = any(len(each) >= _SHORT and noun.endswith(each) for each in ends)
    of_part = noun.endswith(tuple(table.get("of_parts", ())))
    return title.startswith(noun) or (" " in noun and not of_part) or compound
