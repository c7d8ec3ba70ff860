"""A sentence of the row itself in a description: what a model that was trained on made-up items cannot say of
this one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from models.brief.brief import Brief, language_of, limits_of
from models.brief.passage import headlines_of, passages_of
from models.brief.render import join_scenes, render_field
from models.copywriter.checked import Checker
from models.text.graphemes import shown_width
from models.text.normalise import fold_text
from models.text.sentences import sentences_of

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*")
_ASKS: Final = ("?", "？")
_NAMES: Final = re.compile(r"<(?:noun|anoun|nouns|title|short)>")
_PLAIN: Final = frozenset({"direct", "benefit", "scene"})
"""Styles whose headline may be a sentence of the row."""
TELLING: Final = 28
"""Columns of a description that says something; a shorter one comes only where there is none so long."""


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


class Said(NamedTuple):
    """Headline and description with pointers, what <passage> stands for in them, and whether the description
    has all that the draft said besides."""

    headline: str
    description: str
    passage: str
    whole: bool = True


def with_own(headline: str, description: str, brief: Brief, own: Own, draw: int) -> Said | None:
    """A draft that says one of the row's own sentences, as its headline or in its description; which one,
    and where, follows from `draw`: one that leaves room for all that the draft says besides, and leaves a
    description that says something, comes first. None where what the draft says does not fit.

    A style that asks, plays or names a price keeps its headline.
    """
    said = [*_in_headline(description, brief, own), *_in_description(headline, description, brief, own)]
    if not said:
        plain = _fitted(_split(description), brief, "")
        return None if plain is None else Said(headline, plain[0], "")
    whole = [each for each in said if each.whole]
    telling = [each for each in whole if shown_width(_shown(each, brief)) >= TELLING]
    several = telling or whole or said
    return several[draw % len(several)]


def _in_headline(description: str, brief: Brief, own: Own) -> Iterator[Said]:
    """The description names the item then."""
    if brief.style in _PLAIN and _NAMES.search(description):
        for passage in own.headlines:
            if (fitted := _fitted(_split(description), brief, passage)) is not None:
                yield Said("<passage>", fitted[0], passage, fitted[1])


def _in_description(headline: str, description: str, brief: Brief, own: Own) -> Iterator[Said]:
    """The sentence that only presents the item, which the headline names as well, gives way."""
    if "<passage>" in description or not _NAMES.search(headline):
        return
    sentences = _split(description)
    if _NAMES.search(sentences[0]) and "<fact>" not in sentences[0]:
        del sentences[0]
    sentences.insert(0, "<passage>" + ("。" if language_of(brief.locale) == "zh" else "."))
    for passage in own.passages:
        if (fitted := _fitted(sentences, brief, passage)) is not None:
            yield Said(headline, fitted[0], passage, fitted[1])


def _fitted(sentences: Sequence[str], brief: Brief, passage: str) -> tuple[str, bool] | None:
    """Sentences as one text within the limit, and whether all of them: what does not fit is left out from the
    end, but for the first and what the campaign requires. None where those do not fit."""
    said, limit = list(sentences), limits_of(brief.slot).description
    while shown_width(render_field(join_scenes(said, brief.locale), brief, passage)) > limit:
        free = [at for at in range(1, len(said)) if not (brief.must_use and "<fact>" in said[at])]
        if not free:
            return None
        del said[free[-1]]
        if len(said) > 1 and said[-1].endswith(_ASKS):  # what answered it is gone
            del said[-1]
    return join_scenes(said, brief.locale), len(said) == len(sentences)


def _split(description: str) -> list[str]:
    return [each for each in _SENTENCE.split(description) if each]


def _shown(said: Said, brief: Brief) -> str:
    return render_field(said.description, brief, said.passage)


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
