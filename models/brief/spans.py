"""Where a row's text says what a copy quotes from it. Pure."""

from __future__ import annotations

from typing import NamedTuple

from models.brief.brief import Brief, Copy, language_of
from models.brief.passage import sentences_that_stand


class Span(NamedTuple):
    """Characters `start` to `end` of a row's text without its markup, and what stands there."""

    start: int
    end: int
    text: str


def spans_of(copy: Copy, brief: Brief) -> tuple[Span, ...]:
    """Sentences of the brief's `text` that headline or description repeat whole, where each stands first, in
    the row's order."""
    said = f"{copy.headline} \n {copy.description}".casefold()
    sentences = sentences_that_stand(brief.text, language_of(brief.locale), brief.markets)
    quoted = (each for each in sentences if each.casefold() in said)
    found = ((brief.text.find(each), each) for each in quoted)
    return tuple(Span(at, at + len(each), each) for at, each in sorted(found))
