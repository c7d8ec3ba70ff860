"""Calls to action in use when a campaign names none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from models.brief.brief import Brief, language_of
from models.brief.slots import cta_texts
from models.copywriter.checked import checker_of

_CALLS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "en": {
        "awareness": ("Learn more", "Discover more"),
        "clicks": ("See more", "Take a look"),
        "conversions": ("Shop now", "Get yours"),
    },
    "de": {
        "awareness": ("Mehr erfahren", "Entdecken"),
        "clicks": ("Jetzt ansehen", "Mehr sehen"),
        "conversions": ("Jetzt kaufen", "Zum Angebot"),
    },
    "zh": {
        "awareness": ("了解更多", "发现更多"),
        "clicks": ("立即查看", "看看详情"),
        "conversions": ("立即购买", "马上选购"),
    },
}


def calls_of(brief: Brief) -> tuple[str, ...]:
    """The closed list a call to action is chosen from: the campaign's, else what the brief does not forbid of
    the language's for the goal.

    () = the writer's own words.
    """
    if brief.ctas:
        return cta_texts(brief)
    calls = _CALLS.get(language_of(brief.locale), {})
    checker = checker_of(brief)
    return tuple(text for text in calls.get(brief.goal, calls.get("clicks", ())) if not checker.refuses(text))
