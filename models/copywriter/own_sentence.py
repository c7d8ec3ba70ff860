"""A sentence of the row itself in a description: what a model that was trained on made-up items cannot say of
this one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.brief.brief import Brief, language_of, limits_of, sentences_of
from models.brief.passage import drawn, headlines_of, passages_of
from models.brief.render import join_scenes, render_field
from models.copywriter.checked import Checker
from models.text.graphemes import shown_width
from models.text.normalise import fold_text

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*")
_ASKS: Final = ("?", "？")
_NAMES: Final = re.compile(r"<(?:noun|anoun|nouns|title|short)>")
_PLAIN: Final = frozenset({"direct", "benefit", "scene"})
"""Styles whose headline may be a sentence of the row."""


@dataclass(frozen=True)
class Own:
    """What copy for a brief may say in the row's own words: in a description, as a headline."""

    passages: tuple[str, ...]
    headlines: tuple[str, ...]

    @classmethod
    def of(cls, brief: Brief, checker: Checker) -> Own:
        """Nothing that the rules of the brief refuse."""

        def sayable(texts: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(each for each in texts if not checker.refuses(each))

        return cls(sayable(passages_of(brief)), sayable(headlines_of(brief)))


def with_own(headline: str, description: str, brief: Brief, own: Own, draw: int) -> tuple[str, str, str]:
    """Headline and description (with pointers) that say one of the row's own sentences, and what <passage>
    stands for in them; which one, and where, follows from `draw`. A style that asks, plays or names a price
    keeps its headline."""
    heads = own.headlines if brief.style in _PLAIN and _NAMES.search(description) else ()
    at = draw % max(1, len(own.passages) + len(heads))
    if at >= len(own.passages) and heads:
        return "<passage>", description, heads[at - len(own.passages)]
    passage = drawn(own.passages, at)
    return headline, with_passage(headline, description, brief, passage), passage


def with_passage(headline: str, description: str, brief: Brief, passage: str) -> str:
    """A description (with pointers, as the headline) that says a passage of its row. The sentence that
    only presents the item, which the headline names as well, gives way to it; what no longer fits is left out
    from the end. Unchanged without a passage, where the headline does not name the item, or what the
    campaign requires would be lost."""
    if not passage or "<passage>" in description or not _NAMES.search(headline):
        return description
    sentences = [each for each in _SENTENCE.split(description) if each]
    if _NAMES.search(sentences[0]) and "<fact>" not in sentences[0]:
        del sentences[0]
    said = ["<passage>" + ("。" if language_of(brief.locale) == "zh" else "."), *sentences]
    limit = limits_of(brief.slot).description
    while shown_width(render_field(join_scenes(said, brief.locale), brief, passage)) > limit:
        free = [at for at in range(1, len(said)) if not (brief.must_use and "<fact>" in said[at])]
        if not free:
            return description
        del said[free[-1]]
        if len(said) > 1 and said[-1].endswith(_ASKS):  # what answered it is gone
            del said[-1]
    return join_scenes(said, brief.locale)


def without_unsaid(description: str, unsaid: Sequence[str], locale: str) -> str:
    """A description without the sentences that a line which readers refused is part of, or goes over; "" when
    none is left."""
    for line in unsaid:
        while (begins := description.find(line)) >= 0:
            ends, at, kept = begins + len(line), 0, []
            for sentence in sentences_of(description):
                at = description.index(sentence, at)
                if at >= ends or at + len(sentence) <= begins:
                    kept.append(sentence)
                at += len(sentence)
            description = join_scenes(kept, locale)
    return description


def without_echo(description: str, cta: str, locale: str) -> str:
    """A description without the sentence that says what the call to action says, unless it has no other."""
    sentences = sentences_of(description)
    kept = [each for each in sentences if _bare(each) != _bare(cta)]
    return join_scenes(kept, locale) if kept and len(kept) < len(sentences) else description


def _bare(text: str) -> str:
    return fold_text(text).strip(" .!?。！？")
