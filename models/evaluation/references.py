"""Example copies of this project for a brief that nobody trained on, and how close a copy comes to them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from models.brief.brief import Brief, Copy, language_of
from models.corpus.examples import as_shown, write_copy
from models.corpus.languages import LANGUAGES, lists_of
from models.corpus.made_up import MadeUp
from models.text.units import units

COUNT: Final = 3
"""References per brief: there is more than one good way to say it."""


def references(brief: Brief, count: int = COUNT) -> list[Copy]:
    """Up to `count` example copies, the same at every call; none where the word lists know neither category
    nor noun, nor language."""
    language = language_of(brief.locale)
    domain = _domain(language, brief.category, brief.noun) if language in LANGUAGES else None
    if domain is None:
        return []
    interests = [_domain(language, each, each) for each in brief.interest]
    interest = next((each for each in interests if each), None)
    rng = random.Random(f"{brief.request_id}|{brief.title}")  # noqa: S311 - text, not secrets
    examples = [write_copy(MadeUp(brief, domain, interest or domain), rng) for _ in range(count)]
    return [as_shown(each, brief.request_id)[1] for each in examples if each is not None]


@lru_cache(maxsize=4096)
def _domain(language: str, category: str, noun: str) -> str | None:
    """The domain of the word lists that a category or a noun belongs to."""
    domains = lists_of(language).domains
    for key, word in (("names", category), ("nouns", noun)):
        for name, entry in domains.items():
            if word and word.casefold() in (each.casefold() for each in entry[key]):
                return name
    return None


class _Units:
    """Tokenizer of rouge-score that knows every script; its own keeps a-z and 0-9 alone."""

    def tokenize(self, text: str) -> list[str]:
        return units(text)


def overlap(copies: Sequence[Copy], examples: Sequence[Sequence[Copy]]) -> dict[str, float]:
    """BLEU and chrF (0..100, corpus) and ROUGE-1 and ROUGE-L (0..1, best reference, mean) of copies with
    their references.

    Every copy needs as many references as the others. BLEU and ROUGE count `words.units`, so that scripts
    without spaces compare.
    """
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu.metrics import BLEU, CHRF

    said = [_text(copy) for copy in copies]
    streams = [[_text(example) for example in stream] for stream in zip(*examples, strict=True)]
    bleu = BLEU(tokenize="none", force=True).corpus_score(
        [_spaced(text) for text in said], [list(map(_spaced, each)) for each in streams]
    )
    scorer = RougeScorer(["rouge1", "rougeL"], tokenizer=_Units())
    scores = [
        scorer.score_multi([_text(example) for example in own], text)
        for text, own in zip(said, examples, strict=True)
    ]
    return {
        "bleu": round(bleu.score, 2),
        "chrf": round(CHRF().corpus_score(said, streams).score, 2),
        "rouge_1": round(sum(score["rouge1"].fmeasure for score in scores) / len(scores), 4),
        "rouge_l": round(sum(score["rougeL"].fmeasure for score in scores) / len(scores), 4),
    }


def _text(copy: Copy) -> str:
    return f"{copy.headline} {copy.description}"


def _spaced(text: str) -> str:
    return " ".join(units(text))
