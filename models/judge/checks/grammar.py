"""English articles, numbers of nouns and verbs. Sure errors alone: what may be right is left to whoever
learnt from readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from models.brief.agreement import disagreeing_pronoun
from models.brief.slots import grammatical_number
from models.judge.finding import Finding
from models.judge.lexicon import english
from models.judge.said import CopyBesideBrief

_ARTICLE: Final = re.compile(r"\b(an?)[ ]([\w€$£¥][\w'’-]*)", re.IGNORECASE)
_PRONOUN: Final = re.compile(
    r"\b(?:(?:it|he|she|this) (?:are|have|do|were)|(?:they|we|you|these|those) (?:is|has|does|was))\b",
    re.IGNORECASE,
)
_AN_FIGURE: Final = re.compile(r"(?:8\d*|11|18)(?![\d,])")
"""Eight, eleven and eighteen, and what begins with an eight."""
_OPENING: Final = re.compile(r"(?:^|[.!?:]\s+)$")
_WRONG_BESIDE: Final = {"sg": ("these|those", "are|have|were|do"), "pl": ("this|one", "is|has|was|does")}
"""What does not stand before, and not after, a noun of a number."""


def grammar(draft: CopyBesideBrief) -> Iterator[Finding]:
    """Errors of agreement in English copy."""
    if draft.language != "en":
        return
    for field, written, folded in draft.fields:
        yield from _articles(field, written, draft.row.noun)
        yield from _numbers(field, folded, draft.row.noun)
        pronoun = disagreeing_pronoun(folded, draft.row.noun)
        if pronoun and pronoun not in draft.row.everything:
            yield Finding("AGREEMENT", field, pronoun)


def _articles(field: str, written: str, noun: str) -> Iterator[Finding]:
    for match in _ARTICLE.finditer(written):
        article, word = match.group(1).lower(), match.group(2)
        wanted = _article_before(word)
        if wanted and wanted != article:
            yield Finding("ARTICLE", field, match.group())
    if noun and noun in written.lower() and grammatical_number(noun) == "pl":
        for match in _article_then(noun).finditer(written):
            yield Finding("ARTICLE", field, match.group())


def _article_before(word: str) -> str:
    """ "a" or "an", as the word is heard; "" for capitals and signs, which may be heard either way."""
    low = word.lower()
    if low[0].isdigit():
        return "an" if _AN_FIGURE.match(low) else "" if low[0] == "1" else "a"
    if low.startswith(_starts("an_before")):
        return "an"
    if not word.isascii() or len(word) < 2 or not (low[0].isalpha() and word[1].islower()):
        return ""
    if low.startswith(_starts("a_before")):
        return "a"
    return "an" if low[0] in "aeiou" else "a"


@lru_cache(maxsize=8)
def _starts(name: str) -> tuple[str, ...]:
    listed = english()[name]
    assert isinstance(listed, list)
    return tuple(listed)


@lru_cache(maxsize=1024)
def _article_then(noun: str) -> re.Pattern[str]:
    """An article, at most one word, then the noun; a further word must be one that joins sentences, or the
    noun is the first part of a compound."""
    joins = "|".join(sorted(str(english()["common"]).split()))
    return re.compile(
        rf"\ban? (?:[a-z-]+ )?{re.escape(noun)}\b(?![-'’]|\s+(?!(?:{joins})\b)\w)", re.IGNORECASE
    )


def _numbers(field: str, folded: str, noun: str) -> Iterator[Finding]:
    """Pronouns that open a sentence and their verbs; the thing's noun beside "this", "these" or a verb."""
    for match in _PRONOUN.finditer(folded):
        if _OPENING.search(folded[: match.start()]):
            yield Finding("AGREEMENT", field, match.group())
    number = grammatical_number(noun)
    if noun and noun in folded and number in _WRONG_BESIDE:
        for match in _beside(noun, number).finditer(folded):
            yield Finding("AGREEMENT", field, match.group().strip(" .!?:"))


@lru_cache(maxsize=1024)
def _beside(noun: str, number: str) -> re.Pattern[str]:
    near, verbs = _WRONG_BESIDE[number]
    thing = rf"{re.escape(noun)}\b(?![-'’])"
    joins = "|".join(sorted(str(english()["common"]).split()))
    return re.compile(
        rf"\b(?:{near}) {thing}(?!\s+(?!(?:{joins})\b)\w)|(?:^|[.!?:] )(?:the )?{thing} (?:{verbs})\b"
    )
