"""The goal of a campaign: as stated, else as its brief is understood, else the usual one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from models.intent.classifier import intent_classifier
from models.intent.examples import INTENTS, UNSTATED

SURE: Final = 0.6
"""Share from which on an intent counts as known. Of 56 briefs in words that nothing is fitted to half are
that sure, and of those six in seven are right (tests/bench/choice/bench_intent.py)."""
MOST_SURE: Final = 0.99
"""A few words never make it certain."""
USUAL_GOAL: Final = "clicks"
GOAL_OF: Final = {"awareness": "awareness", "promotion": "clicks", "conversion": "conversions"}
"""What earns a campaign of an intent its reward."""


class Understanding(NamedTuple):
    """`stated`: the campaign says its goal itself. Else `intent` is the likeliest that its brief tells, ""
    where it has no words or none is likely enough, and `share` how likely the likeliest is."""

    goal: str
    stated: bool = False
    intent: str = ""
    share: float = 0.0


def understood(goal: str | None, texts: Sequence[str]) -> Understanding:
    """`goal`: as the campaign states it, None = not; `texts`: what its brief says."""
    if goal is not None:
        return Understanding(goal, stated=True)
    intent, share = _likeliest(" ".join(texts).strip())
    if intent == UNSTATED or share < SURE:
        return Understanding(USUAL_GOAL, share=share)
    return Understanding(GOAL_OF[intent], intent=intent, share=share)


def understanding_words(of: Understanding) -> str:
    """For people."""
    if of.stated:
        return f"{of.goal}, as stated"
    if of.intent:
        return f"{of.goal}: its brief reads as {of.intent}, {of.share:.2f} sure"
    return f"{of.goal}, as usual: its brief does not tell what it is for"


@lru_cache(maxsize=4096)  # a campaign comes again with each change of it
def _likeliest(text: str) -> tuple[str, float]:
    if not text:
        return UNSTATED, 0.0
    shares = intent_classifier().shares_of([text])[0]
    return INTENTS[int(shares.argmax())], min(float(shares.max()), MOST_SURE)
