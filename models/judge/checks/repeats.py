"""Words and phrases said twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from models.brief.facts import UNSPACED_LANGUAGES
from models.judge.finding import Finding
from models.judge.lexicon import moment_lexicon_of
from models.judge.said import CopyBesideBrief, copy_words_of
from models.text.normalise import fold_text

_SENTENCE: Final = re.compile(r"[.!?]+(?:\s+|$)|[。！？\n]+")
_JOINED_TWICE: Final = re.compile(r"\b([^\W\d_]{3,}(?: [^\W\d_]+)?) (?:and|or|und|oder) \1(?=$|[^\w\s])")
"""A word or two joined with themselves: "quiet corners and quiet corners"."""
_RUN_TWICE: Final = re.compile(r"((?:(?!一)[\u4e00-\u9fff]){2,})\1")
_TRIED: Final = (
    "认识 打扫 研究 考虑 放松 休息 讨论 热闹 轻松 体验 了解 收拾 整理 尝试 享受 运动 活动 比较 打听 商量"
    " 锻炼 练习 凉快 暖和"
)
_TRIED_TWICE: Final = frozenset(_TRIED.split())
"""Verbs that are said twice on purpose: to do it for a while."""
_PHRASE: Final = 3
"""Words of the shortest phrase that a reader hears twice; twice as many characters without spaces."""
_MEANT: Final = frozenset(
    {
        "so",
        "very",
        "no",
        "more",
        "and",
        "again",
        "on",
        "over",
        "round",
        "through",
        "far",
        "step",
        "by",
        "bit",
        "ha",
        "bye",
    }
)
"""Words that may follow themselves: "more and more", "so so"."""


def repeats(draft: CopyBesideBrief) -> Iterator[Finding]:
    """The same word twice running, and the same phrase or sentence twice; the thing's name may come again."""
    unspaced = draft.language in UNSPACED_LANGUAGES
    lexicon = moment_lexicon_of(draft.language)
    common = lexicon.common if lexicon else frozenset()
    for field, _, folded in draft.fields:
        for one, other in () if unspaced else pairwise(re.findall(r"[\w'’-]+|[^\w\s]", folded)):
            if one == other and one.isalpha() and one not in _MEANT:
                yield Finding("REPEATED_WORDS", field, f"{one} {other}")
        for match in _JOINED_TWICE.finditer(folded):
            if match.group(1) not in _MEANT:
                yield Finding("REPEATED_WORDS", field, match.group())
        for pair in () if unspaced else _pairs_twice(copy_words_of(folded), common):
            yield Finding("REPEATED_WORDS", field, " ".join(pair))
        for phrase in _run_together(folded, draft.row.noun) if unspaced else ():
            yield Finding("REPEATED_WORDS", field, phrase)
        sentences = [copy_words_of(part) for part in _SENTENCE.split(folded) if part.strip()]
        for at, sentence in enumerate(sentences):
            if sentence and sentence in sentences[:at]:
                yield Finding("REPEATED_WORDS", field, ("" if unspaced else " ").join(sentence))
    if said_before(draft.copy.cta, draft.copy.description):
        yield Finding("REPEATED_WORDS", "cta", draft.copy.cta)
    phrase = _twice(draft, draft.row.words | common, unspaced)
    if phrase:
        yield Finding("REPEATED_WORDS", "description", phrase)


def _run_together(folded: str, noun: str) -> Iterator[str]:
    """What a script without spaces says twice running: two or more characters, or the end of the thing's name
    again ("台灯灯"). Verbs are said twice on purpose, of two characters ("认识认识")."""
    for match in _RUN_TWICE.finditer(folded):
        if match.group(1) not in _TRIED_TWICE and len(set(match.group(1))) > 1:
            yield match.group()
    if len(noun) > 1 and (doubled := noun + noun[-1]) in folded:
        yield doubled


def said_before(cta: str, description: str) -> bool:
    """Whether the description says what the call to action says, word for word: "Find out more. | Find out
    more"."""
    words, said = copy_words_of(fold_text(cta)), copy_words_of(fold_text(description))
    size = len(words)
    long = size > 1 if cta.isascii() else size >= _PHRASE
    return long and any(said[at : at + size] == words for at in range(len(said) - size + 1))


def _pairs_twice(words: Sequence[str], common: frozenset[str]) -> set[tuple[str, str]]:
    """Two words that tell something and stand beside each other twice in one field."""
    pairs = [pair for pair in pairwise(words) if pair[0][0].isalpha() and common.isdisjoint(pair)]
    return {pair for pair in pairs if pairs.count(pair) > 1}


def _twice(draft: CopyBesideBrief, known: frozenset[str], unspaced: bool) -> str:
    """The first phrase that headline and description, or two places of the description, both say; words that
    are `known` make none."""
    size = 2 * _PHRASE if unspaced else _PHRASE
    headline, description = copy_words_of(draft.headline), copy_words_of(draft.description)
    seen = {headline[at : at + size] for at in range(len(headline) - size + 1)}
    for at in range(len(description) - size + 1):
        phrase = description[at : at + size]
        if phrase in seen and not known.issuperset(phrase):
            return ("" if unspaced else " ").join(phrase)
        seen.add(phrase)
    return ""
