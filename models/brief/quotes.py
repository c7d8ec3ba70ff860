"""What a row says of its item, as passages of its text: each can be shown where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from models.brief.brief import Brief, language_of
from models.rules import Rule, load_rules
from models.rules.telling_words import text_keys_of
from models.text.graphemes import shown_width
from models.text.normalise import clean, fold_text
from models.text.scripts import LETTERS, is_unspaced
from models.text.steering import steers

MOST_QUOTES: Final = 3
QUOTE_WIDTH: Final = 90
"""A longer sentence is quoted in parts."""
_SHORTEST: Final = 8
_READ: Final = 2_000
_NEW_SHARE: Final = 0.5
"""Least share of a passage's words that nothing else in the brief says."""
_SENTENCE: Final = re.compile(r"(?:[^.!?。！？\n]|(?<!\w\w)\.|[.!?](?!\s|$))+")
_BETWEEN: Final = re.compile(r"[,;:]\s+|\s[–—-]\s|[，；：]")
_EDGES: Final = " \t.,;:–—-。，；：、"
_SMALLEST_WORD: Final = 4
_TOLD_BY_TEXT: Final = frozenset({"text", "statement", "number"})


class Quote(NamedTuple):
    """A passage of a brief's `text`: `text[start:end]`."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


def quotes_of(brief: Brief) -> tuple[Quote, ...]:
    """At most MOST_QUOTES passages of the row's text in their order: the first that say what title, campaign
    and earlier passages do not, and that review would let copy repeat."""
    told = brief.title, brief.noun, brief.brand, *brief.facts, *brief.claims, *brief.must_use
    return _quotes(brief.text, told, brief.markets, language_of(brief.locale))


@lru_cache(maxsize=4096)  # requests for one item differ in what this does not read
def _quotes(text: str, told: tuple[str, ...], markets: tuple[str, ...], language: str) -> tuple[Quote, ...]:
    said = {word for each in told for word in telling_words(each)}
    chosen: list[Quote] = []
    for quote in _passages(text[:_READ]):
        passage = quote.of(text)
        words = set(telling_words(passage))
        new = words - said
        if new and len(new) >= _NEW_SHARE * len(words) and may_be_said(passage, markets, language):
            chosen.append(quote)
            said |= words
        if len(chosen) == MOST_QUOTES:
            break
    return tuple(chosen)


@lru_cache(maxsize=256)
def _refused_always(markets: tuple[str, ...], language: str) -> tuple[Rule, ...]:
    """Rules that a row's text does not satisfy."""
    return tuple(
        rule
        for rule in load_rules(markets).rules
        if rule.severity != "warn" and _TOLD_BY_TEXT.isdisjoint(rule.supported) and rule.reads(language)
    )


def quoted_words(brief: Brief) -> tuple[str, ...]:
    """The words of `quotes_of`."""
    return tuple(quote.of(brief.text) for quote in quotes_of(brief))


def _passages(text: str) -> Iterator[Quote]:
    """Sentences without their stops; of long ones the parts between commas, as many together as fit."""
    for match in _SENTENCE.finditer(text):
        start = match.start()
        ends = [*(mark.start() for mark in _BETWEEN.finditer(text, start, match.end())), match.end()]
        while ends:
            fitting = [end for end in ends if shown_width(text[start:end].strip(_EDGES)) <= QUOTE_WIDTH]
            end = fitting[-1] if fitting else ends[0]
            quote = _trimmed(text, start, end)
            if fitting and shown_width(quote.of(text)) >= _SHORTEST:
                yield quote
            start, ends = end, [later for later in ends if later > end]


def _trimmed(text: str, start: int, end: int) -> Quote:
    inside = text[start:end]
    left = len(inside) - len(inside.lstrip(_EDGES))
    return Quote(start + left, max(start + left, start + len(inside.rstrip(_EDGES))))


def telling_words(text: str) -> Iterator[str]:
    """Words that tell something, folded; neighbouring characters of scripts without spaces."""
    for word in LETTERS.findall(fold_text(text)):
        if is_unspaced(word[0]):
            yield from (word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) >= _SMALLEST_WORD:
            yield word


def may_be_said(passage: str, markets: tuple[str, ...], language: str) -> bool:
    """Whether a passage is plain text of the thing, in the brief's language, to which no rule of the markets
    objects."""
    if steers(passage, language):
        return False
    folded = fold_text(passage)
    keys = text_keys_of(folded)
    return clean(passage, len(passage) * 2) == passage and not any(
        next(rule.matches(folded), None)
        for rule in _refused_always(markets, language)
        if rule.may_match(folded, keys)
    )
