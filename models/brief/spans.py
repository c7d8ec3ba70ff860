"""Where a row's text says what a copy quotes from it. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from models.brief.brief import Brief, Copy, language_of
from models.brief.facts import UNSPACED_LANGUAGES
from models.brief.passage import standing_sentences
from models.brief.quotes import may_be_said


class Span(NamedTuple):
    """Characters `start` to `end` of a row's text without its markup, and what stands there."""

    start: int
    end: int
    text: str


def spans_of(copy: Copy, brief: Brief) -> tuple[Span, ...]:
    """Sentences of the brief's `text` that headline or description repeat whole, where each stands first, in
    the row's order."""
    said, language = f"{copy.headline} \n {copy.description}".casefold(), language_of(brief.locale)
    quoted = []
    for each in sorted(standing_sentences(brief.text, language), key=len, reverse=True):
        whole = _whole(each.casefold(), language)
        if whole.search(said) and may_be_said(each, brief.markets, language):
            said = whole.sub("\n", said)  # a shorter one inside it is not said by itself
            quoted.append(each)
    found = ((brief.text.find(each), each) for each in quoted)
    return tuple(Span(at, at + len(each), each) for at, each in sorted(found))


def _whole(sentence: str, language: str) -> re.Pattern[str]:
    """The sentence, not as the beginning or end of longer words."""
    plain = re.escape(sentence)
    return re.compile(plain if language in UNSPACED_LANGUAGES else rf"(?<!\w){plain}(?!\w)")
